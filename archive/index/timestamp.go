package index

import (
	"fmt"
	"strings"
	"time"
)

// Timestamp is a 14-digit UTC time, YYYYMMDDhhmmss. The zero value is no time. Timestamps order as their times do.
type Timestamp string

const layout14 = "20060102150405"

// NewTimestamp gives the second that t is in; no time for the zero Time and for years that do not have four digits.
func NewTimestamp(t time.Time) Timestamp {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return ""
	}
	return Timestamp(t.Format(layout14))
}

// ParseTimestamp reads 1 to 14 digits, of which missing ones stand for the earliest moment ("2024" is 2024-01-01 00:00:00, "2024021" begins on
// February 10), RFC 3339 times of any zone, and its shorter forms without zone, which are UTC: "2024-02-10T12:30:05", "2024-02-10 12:30",
// "2024-02-10", "2024-02".
func ParseTimestamp(s string) (Timestamp, error) {
	trimmed := strings.TrimSpace(s)
	if trimmed != "" && len(trimmed) <= len(layout14) && strings.Trim(trimmed, "0123456789") == "" {
		if ts := Timestamp(pad(trimmed)); ts.valid() {
			return ts, nil
		}
		return "", fmt.Errorf("%q is not a time: there is no such day or hour", s)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05",
		"2006-01-02 15:04", time.DateOnly, "2006-01"} {
		if t, err := time.Parse(layout, strings.ToUpper(trimmed)); err == nil {
			if ts := NewTimestamp(t); ts != "" {
				return ts, nil
			}
		}
	}
	return "", fmt.Errorf("%q is not a time: give 1 to 14 digits (YYYYMMDDhhmmss), a date (2024-02-10) or RFC 3339 (2024-02-10T12:30:05Z)", s)
}

// pad completes digits to the earliest moment that begins with them: the lowest month that begins with 1 is 10, with 0 it is 01.
func pad(digits string) string {
	const earliest = "00000101000000"
	if n := len(digits); (n == 5 || n == 7) && digits[n-1] != '0' {
		digits += "0"
	}
	return digits + earliest[len(digits):]
}

// Time is the moment at which that second begins, UTC; the zero Time for what is no timestamp.
func (t Timestamp) Time() time.Time {
	parsed, err := time.Parse(layout14, string(t))
	if err != nil {
		return time.Time{}
	}
	return parsed
}

// valid reports whether t is 14 digits that name a moment.
func (t Timestamp) valid() bool {
	_, err := time.Parse(layout14, string(t))
	return err == nil && len(t) == len(layout14)
}
