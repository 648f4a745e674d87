package warc

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"
)

// survey tells what of a file is good.
type survey struct {
	file     io.ReaderAt
	size     int64
	records  int       // good ones, without the warcinfo
	good     int64     // where the last good one ends
	why      error     // what is wrong there
	damaged  []Stretch // between good ones
	warcinfo string    // ID of the file's first record; "" when that is damaged
	date     time.Time // of that record
}

// surveyFile reads the whole file. What is wrong with it is no error; one of the disk is.
func surveyFile(file io.ReaderAt, size int64) (*survey, error) {
	s := &survey{file: file, size: size}
	for at := int64(0); ; {
		err := s.run(at)
		var disk *fs.PathError
		if err == nil || errors.As(err, &disk) {
			return s, err
		}
		next, found := s.seek(s.good + minFiller)
		if found != nil {
			return s, found
		}
		if next < 0 {
			s.why = err
			return s, nil
		}
		s.damaged = append(s.damaged, Stretch{Offset: s.good, Length: next - s.good, Why: err})
		at = next
	}
}

// run takes the records from an offset on, to the first that is not good or to the end of the file.
func (s *survey) run(from int64) error {
	for rec, err := range Read(io.NewSectionReader(s.file, from, s.size-from)) {
		if err == nil {
			err = Check(rec)
		}
		if err != nil {
			var damage *Damage
			if errors.As(err, &damage) {
				damage.Offset += from
			}
			return err
		}
		s.good = from + rec.Offset + rec.Length
		switch {
		case rec.Type != Warcinfo:
			s.records++
		case from+rec.Offset == 0:
			s.warcinfo, s.date = rec.ID, rec.Date
		}
	}
	s.good = s.size // members without content may end the file
	return nil
}

// seek gives the offset of the next good record of the file's writer; -1 when there is none. The error is one of the disk.
func (s *survey) seek(from int64) (int64, error) {
	if s.warcinfo == "" {
		return -1, nil
	}
	magic := []byte{0x1f, 0x8b, 8} // gzip, deflate (RFC 1952 §2.3)
	buf := bufio.NewReaderSize(io.NewSectionReader(s.file, from, max(s.size-from, 0)), readBuffer)
	for at := from; ; {
		window, err := buf.Peek(readBuffer)
		if err != nil && err != io.EOF {
			return 0, err
		}
		i := bytes.Index(window, magic)
		if i < 0 {
			if err == io.EOF {
				return -1, nil
			}
			i = len(window) - len(magic) + 1 // the magic may begin at the window's end
		} else {
			ours, err := s.ours(at + int64(i))
			if err != nil {
				return 0, err
			}
			if ours {
				return at + int64(i), nil
			}
			i++
		}
		n, err := buf.Discard(i)
		if err != nil {
			return 0, err
		}
		at += int64(n)
	}
}

// ours reports whether a good record of the file's writer begins at an offset.
func (s *survey) ours(at int64) (bool, error) {
	src := newSource(io.NewSectionReader(s.file, at, s.size-at), 0, -1, false)
	defer src.release()
	rec, err := src.next()
	if err == nil {
		defer rec.stream.abandon()
		if unbracket(rec.Get(fieldWarcinfoID)) != s.warcinfo {
			return false, nil
		}
		err = Check(rec)
	}
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return false, err
	}
	return err == nil && rec.Offset == 0, nil
}
