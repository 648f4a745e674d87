package page

import (
	"strings"
	"time"
)

// maxDate is how many bytes a date has at most.
const maxDate = 64

// precision says what of a date the page gives.
type precision int

const (
	toDay precision = iota
	toSecond
	toZone // a moment: date, time of day and zone
)

// dateForms lists how publishers write dates in metadata, most frequent first. Forms whose order of day and month is a guess are absent.
var dateForms = [...]struct {
	layout string
	to     precision
}{
	{time.RFC3339Nano, toZone},
	{"2006-01-02T15:04:05.999999999Z0700", toZone},
	{"2006-01-02T15:04Z07:00", toZone},
	{"2006-01-02T15:04Z0700", toZone},
	{"2006-01-02 15:04:05Z07:00", toZone},
	{"2006-01-02 15:04:05 Z07:00", toZone},
	{"2006-01-02 15:04:05 Z0700", toZone},
	{"2006-01-02 15:04:05 UTC", toZone},
	{"20060102T150405Z0700", toZone},
	{time.RFC1123Z, toZone},
	{time.RFC1123, toZone},
	{"Mon, 2 Jan 2006 15:04:05 -0700", toZone},
	{"Mon Jan 2 15:04:05 MST 2006", toZone},
	{"2006-01-02T15:04:05.999999999", toSecond},
	{"2006-01-02T15:04", toSecond},
	{"2006-01-02 15:04:05.999999999", toSecond},
	{"2006-01-02 15:04", toSecond},
	{"2006/01/02 15:04:05", toSecond},
	{"2006/01/02 15:04", toSecond},
	{"2006.01.02 15:04", toSecond},
	{"2006-01-02", toDay},
	{"2006/01/02", toDay},
	{"2006/1/2", toDay},
	{"2006.01.02", toDay},
	{"20060102", toDay},
	{"2006年1月2日", toDay},
	{"January 2, 2006", toDay},
	{"Jan 2, 2006", toDay},
	{"2 January 2006", toDay},
	{"2 Jan 2006", toDay},
	{"Monday, January 2, 2006", toDay},
	{"Jan 2, 2006 at 3:04 pm", toSecond},
	{"January 2, 2006 at 3:04 pm", toSecond},
	{"January 2, 2006 3:04 PM", toSecond},
	{"Monday, January 2, 2006, 3:04 PM", toSecond},
}

// parseDate reads a date as metadata write it. The text is RFC 3339 as far as the page gives it: a date-time with zone, without zone
// (the page does not say which), or a full date.
func parseDate(s string) (time.Time, string, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > maxDate {
		return time.Time{}, "", false
	}
	for _, form := range dateForms {
		t, err := time.Parse(form.layout, s)
		if err != nil || t.Year() < 1500 || t.Year() > 9999 {
			continue
		}
		switch form.to {
		case toDay:
			return t, t.Format(time.DateOnly), true
		case toSecond:
			return t, t.Format("2006-01-02T15:04:05"), true
		}
		if name, offset := t.Zone(); offset == 0 && !isUTC(name) { // an abbreviation that Go cannot place
			return t, t.Format("2006-01-02T15:04:05"), true
		}
		return t, t.Format(time.RFC3339), true
	}
	return time.Time{}, "", false
}

func isUTC(zone string) bool { return zone == "" || zone == "UTC" || zone == "GMT" || zone == "Z" }

func isDate(s string) bool {
	_, _, ok := parseDate(s)
	return ok
}

// dateText gives the RFC 3339 form where s can be read. Of a full date with something unreadable behind it, which templates make that
// join the wrong parts, the date remains; anything else stays as written.
func dateText(s string) string {
	if _, text, ok := parseDate(s); ok {
		return text
	}
	s = collapse(s)
	if len(s) > len(time.DateOnly) {
		if _, text, ok := parseDate(s[:len(time.DateOnly)]); ok && s[4] == '-' {
			return text
		}
	}
	return s
}
