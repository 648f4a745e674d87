package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// rowList writes a list of rows, one JSON object a line, under a first line that says what the list is: pages.jsonl, photos.jsonl.
type rowList struct{ file *digestFile }

func newRowList(path, header string) (*rowList, error) {
	f, err := newDigestFile(path)
	if err != nil {
		return nil, err
	}
	l := &rowList{f}
	if err := l.add([]byte(header)); err != nil {
		return nil, errors.Join(err, f.drop())
	}
	return l, nil
}

func (l *rowList) add(row []byte) error {
	if _, err := l.file.Write(row); err != nil {
		return err
	}
	_, err := l.file.Write([]byte{'\n'})
	return err
}

func (l *rowList) drop() error { return l.file.drop() }

// listRow is a row of a list. Its text is valid until the next one is asked for.
type listRow struct {
	line   int
	offset int64
	text   []byte
}

// readRows yields the rows of a list with their line numbers, from 2 on, and ends with an error when the first line does not name the format
// that is expected or a line does not end.
func readRows(r io.Reader, format string) iter.Seq2[listRow, error] {
	return func(yield func(listRow, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 64<<10), maxPageRow+1)
		lines.Split(wholeLines)
		var offset int64
		for n := 1; lines.Scan(); n++ {
			row := listRow{line: n, offset: offset, text: lines.Bytes()}
			offset += int64(len(row.text)) + 1
			if n == 1 {
				if !isHeader(row.text, format) {
					yield(row, fmt.Errorf("the first line is not the header of a list of the format %s", format))
					return
				}
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
		err := lines.Err()
		if err == nil && offset == 0 {
			err = errors.New("the list is empty, even of its header")
		}
		if err != nil {
			yield(listRow{offset: offset}, fmt.Errorf("at byte %d: %w", offset, err))
		}
	}
}

// wholeLines is bufio.ScanLines without forgiveness for a last line that was cut.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

func isHeader(line []byte, format string) bool {
	var h struct{ Format string }
	return json.Unmarshal(line, &h) == nil && h.Format == format
}
