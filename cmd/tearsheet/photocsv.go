package main

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/photosearch"
)

// csvColumns are the columns of photos --csv. New ones are added at the end: scripts and spreadsheets count on their places.
const csvColumns = `captured,run,page_url,page_title,position,image_url,caption,alt,credit,people,agencies,
  markers,agreement,confidence,rule,statements,format,width,height,bytes,sha256,picture,also_on`

// csvPhotos prints the header of comma-separated values (RFC 4180), and gives what prints a photograph.
func (a *app) csvPhotos() func(photosearch.Found) error {
	w := csv.NewWriter(a.stdout)
	write := func(row []string) error {
		if err := w.Write(row); err != nil {
			return err
		}
		w.Flush() // who reads along sees each at once
		return w.Error()
	}
	headed := write(csvHeader())
	return func(f photosearch.Found) error {
		if headed != nil {
			return headed
		}
		return write(csvRow(f))
	}
}

func csvHeader() []string { return strings.Split(strings.ReplaceAll(csvColumns, "\n  ", ""), ",") }

func csvRow(f photosearch.Found) []string {
	p, c := f.Photo, f.Photo.Credit
	file := shownFile(p)
	var also []string
	for _, place := range f.Also {
		also = append(also, place.Page.URL)
	}
	row := []string{
		f.Page.Time.UTC().Format(time.RFC3339Nano), f.Page.RunID, f.Page.URL, f.Page.Title, strconv.Itoa(f.N), p.Src, p.Caption, p.Alt,
		c.Line, strings.Join(c.People, "; "), strings.Join(c.Agencies, "; "), strings.Join(c.Markers, "; "),
		string(c.Agreement), strconv.FormatFloat(c.Confidence, 'f', -1, 64), c.Rule, strconv.Itoa(len(p.Statements)),
		string(file.Format), number(int64(file.Width)), number(int64(file.Height)), number(file.Size), strings.TrimPrefix(file.Digest, "sha256:"),
		number(int64(f.Picture)), strings.Join(also, "; "),
	}
	for i, v := range row {
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			row[i] = "'" + v // a spreadsheet would run it, and it is from the web
		}
	}
	return row
}

// number is n, or nothing where it is not known.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// shownFile is the file of a photograph that its page names first, among those that are archived pictures.
func shownFile(p archive.Photo) archive.PhotoFile {
	for _, f := range p.Files {
		if f.Format != "" {
			return f
		}
	}
	return archive.PhotoFile{}
}
