package index

import (
	"testing"
	"time"
)

func TestParseTimestamp(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"14 digits", "20240229235959", "20240229235959"},
		{"a year begins in January", "2024", "20240101000000"},
		{"a digit of a year", "2", "20000101000000"},
		{"a digit 0 of a month", "20240", "20240101000000"},
		{"a digit 1 of a month", "20241", "20241001000000"},
		{"a month", "202402", "20240201000000"},
		{"a digit 0 of a day", "2024020", "20240201000000"},
		{"a digit 2 of a day", "2024022", "20240220000000"},
		{"a day", "20240229", "20240229000000"},
		{"a digit of an hour", "202402292", "20240229200000"},
		{"12 digits", "202402292359", "20240229235900"},
		{"a date", "2024-02-29", "20240229000000"},
		{"a month with a dash", "2024-02", "20240201000000"},
		{"RFC 3339", "2024-02-29T23:59:59Z", "20240229235959"},
		{"RFC 3339 in small letters", "2024-02-29t23:59:59z", "20240229235959"},
		{"another zone", "2024-03-01T01:59:59.9+02:00", "20240229235959"},
		{"no zone", "2024-02-29T23:59:59", "20240229235959"},
		{"a space for the T", "2024-02-29 23:59", "20240229235900"},
		{"spaces around", " 2024 ", "20240101000000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := ParseTimestamp(test.in); err != nil || string(got) != test.want {
				t.Errorf("ParseTimestamp(%q) = %q, %v, want %q", test.in, got, err, test.want)
			}
		})
	}
	for _, bad := range []string{"", "yesterday", "20240230", "2024023", "20242", "123456789012345", "2024-13-01", "-2024", "٢٠٢٤"} {
		if got, err := ParseTimestamp(bad); err == nil {
			t.Errorf("ParseTimestamp(%q) = %q, want an error", bad, got)
		}
	}
}

func TestTimestampTime(t *testing.T) {
	moment := time.Date(2024, 2, 29, 23, 59, 59, 999, time.FixedZone("", 3600))
	ts := NewTimestamp(moment)
	if ts != "20240229225959" {
		t.Errorf("NewTimestamp(%v) = %q", moment, ts)
	}
	if got := ts.Time(); !got.Equal(moment.Truncate(time.Second)) || got.Location() != time.UTC {
		t.Errorf("Time of %q = %v", ts, got)
	}
	if got := NewTimestamp(time.Time{}); got != "" {
		t.Errorf("NewTimestamp of no time = %q", got)
	}
	for _, none := range []Timestamp{"", "2024", "20240230000000", "x0240229235959"} {
		if !none.Time().IsZero() {
			t.Errorf("%q has a time", none)
		}
	}
}
