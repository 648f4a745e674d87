package main

import (
	"fmt"
	"strconv"
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

// parseAge reads a span of time on the command line: days or weeks, as 7d or 2w, or what Go calls a duration, as 36h or 1h30m.
func parseAge(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		digits, ok := strings.CutSuffix(s, unit)
		if !ok {
			continue
		}
		if n, err := strconv.ParseUint(digits, 10, 16); err == nil && time.Duration(n) <= maxAge/length {
			return time.Duration(n) * length, nil
		}
		return 0, fmt.Errorf("%q is no span of time; write 7d, 2w or 36h", s)
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no span of time; write 7d, 2w or 36h", s)
	}
	return d, nil
}

// maxAge bounds a span of time: what a time.Duration holds.
const maxAge = time.Duration(1<<63 - 1)

// parseSince reads a time, or a span of time before now.
func parseSince(s string, now time.Time) (time.Time, error) {
	if age, err := parseAge(s); err == nil {
		return now.Add(-age), nil
	}
	begin, _, err := parseTime(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a time, as 2025-03-09, nor a span of time before now, as 7d", s)
	}
	return begin, nil
}

// ageFlag adds a flag that is a span of time. What it is without the flag is told in its usage.
func ageFlag(fs *pflag.FlagSet, d *time.Duration, name, usage string) {
	fs.Func(name, usage, func(s string) (err error) {
		*d, err = parseAge(s)
		return err
	})
}
