package main

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tearsheet/archive/index"
)

// parseTime reads a time on the command line: the moment at which what it names begins, and the one at which the next begins. So "2025-03"
// begins on 1 March and ends on 1 April, 00:00 UTC.
func parseTime(s string) (begin, end time.Time, err error) {
	if begin, err = time.Parse(time.RFC3339Nano, s); err == nil && begin.Nanosecond() != 0 {
		return begin, begin.Add(time.Microsecond), nil // as ls --json tells it
	}
	stamp, err := index.ParseTimestamp(s)
	if err != nil {
		return begin, end, err
	}
	begin = stamp.Time()
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	switch len(digits) {
	case 4:
		end = begin.AddDate(1, 0, 0)
	case 6:
		end = begin.AddDate(0, 1, 0)
	case 8:
		end = begin.AddDate(0, 0, 1)
	case 10:
		end = begin.Add(time.Hour)
	case 12:
		end = begin.Add(time.Minute)
	default:
		end = begin.Add(time.Second)
	}
	return begin, end, nil
}

// span is the time between --from and --to, both included; zero ends are open.
type span struct{ from, to time.Time }

func (s *span) add(fs *pflag.FlagSet) { s.addAs(fs, "from", "to") }

// addAs adds the two flags under other names.
func (s *span) addAs(fs *pflag.FlagSet, from, to string) {
	fs.Func(from, "only what was captured at or after `TIME`, as 2025-03-09 or 2025-03-09T14:30:00Z (UTC)", func(v string) (err error) {
		s.from, _, err = parseTime(v)
		return err
	})
	fs.Func(to, "only what was captured before the end of `TIME`: with 2025-03, all of March", func(v string) error {
		_, end, err := parseTime(v)
		s.to = end.Add(-time.Nanosecond)
		return err
	})
}
