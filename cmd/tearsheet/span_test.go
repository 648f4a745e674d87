package main

import (
	"testing"
	"time"
)

func TestParseTimeKnowsHowLongWhatItNamesLasts(t *testing.T) {
	day := func(y int, m time.Month, d, h, minute, s int) time.Time {
		return time.Date(y, m, d, h, minute, s, 0, time.UTC)
	}
	for _, c := range []struct {
		text       string
		begin, end time.Time
	}{
		{"2025", day(2025, 1, 1, 0, 0, 0), day(2026, 1, 1, 0, 0, 0)},
		{"2025-12", day(2025, 12, 1, 0, 0, 0), day(2026, 1, 1, 0, 0, 0)},
		{"2024-02-29", day(2024, 2, 29, 0, 0, 0), day(2024, 3, 1, 0, 0, 0)},
		{"2025-03-09T14:30", day(2025, 3, 9, 14, 30, 0), day(2025, 3, 9, 14, 31, 0)},
		{"2025-03-09T14:30:00+02:00", day(2025, 3, 9, 12, 30, 0), day(2025, 3, 9, 12, 30, 1)},
		{"20250309143005", day(2025, 3, 9, 14, 30, 5), day(2025, 3, 9, 14, 30, 6)},
	} {
		begin, end, err := parseTime(c.text)
		if err != nil || !begin.Equal(c.begin) || !end.Equal(c.end) {
			t.Errorf("parseTime(%q) = %v, %v, %v; want %v, %v", c.text, begin, end, err, c.begin, c.end)
		}
	}
	for _, text := range []string{"", "yesterday", "2025-13-01", "09.03.2025"} {
		if _, _, err := parseTime(text); err == nil {
			t.Errorf("parseTime(%q) is no error", text)
		}
	}
}

func TestParseTimeKeepsTheFractionsThatAListingTells(t *testing.T) {
	begin, _, err := parseTime("2026-11-22T10:29:16.662257Z")
	if want := time.Date(2026, 11, 22, 10, 29, 16, 662257000, time.UTC); err != nil || !begin.Equal(want) {
		t.Errorf("%v, %v; want %v", begin, err, want)
	}
}
