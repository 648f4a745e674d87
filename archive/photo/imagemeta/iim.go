package imagemeta

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"tearsheet/archive/photo"
)

// iimFields are the datasets of the application record that are read (IPTC IIM 4.2, chapter 6), each with the most bytes that it may have.
var iimFields = map[byte]struct {
	property photo.Property
	most     int
	repeats  bool
}{
	5:   {photo.Title, 64, false},
	40:  {photo.Instructions, 256, false},
	80:  {photo.Creator, 32, true},
	85:  {photo.CreatorJob, 32, true},
	105: {photo.Headline, 256, false},
	110: {photo.CreditLine, 32, false},
	115: {photo.Source, 32, false},
	116: {photo.Copyright, 128, false},
	118: {photo.Contact, 128, true},
	120: {photo.Caption, 2000, false},
	122: {photo.CaptionWriter, 32, true},
}

const (
	iimMarker      = 0x1C
	iimEnvelope    = 1 // the record with the coded character set, 1:90
	iimApplication = 2
	iimCharset     = 90
)

// dataset is one value of an IIM block.
type dataset struct {
	record, number byte
	value          []byte
}

// iim reads an IIM block.
func (rd *reading) iim(s source, name string) {
	if !rd.admits() {
		return
	}
	b := rd.take(s, maxIIM, "the IIM")
	if len(b) == 0 {
		return
	}
	rd.carrier(CarrierIIM)
	if rd.sum == nil && s.size <= maxIIM {
		sum := md5.Sum(b)
		rd.sum = sum[:]
		rd.checkDigest()
	}
	rd.iimBlock(b, rd.place(name))
}

// iimBlock makes statements of the datasets. The character set is looked for first, as some writers put it behind what it is for.
func (rd *reading) iimBlock(b []byte, place string) {
	all, err := datasets(b)
	if err != nil {
		rd.problem("the IIM at %s: %w", place, err)
	}
	var texts [][]byte
	set, declared := textSet{}, false
	for _, d := range all {
		if d.record == iimEnvelope && d.number == iimCharset && !declared {
			set, declared = declaredSet(d.value)
		}
		if _, known := iimFields[d.number]; known && d.record == iimApplication {
			texts = append(texts, d.value)
		}
	}
	if !declared {
		set = detectSet(texts)
	}
	var count [256]int
	for _, d := range all {
		f, known := iimFields[d.number]
		if !known || d.record != iimApplication || rd.full {
			continue
		}
		count[d.number]++
		s := photo.Statement{Property: f.property, Kind: photo.FileIIM, Locator: fmt.Sprintf("%s/2:%d", place, d.number)}
		if n := count[d.number]; f.repeats || n > 1 {
			s.Locator += fmt.Sprintf("[%d]", n)
		}
		s.Value, s.Raw, s.Flags = set.decode(d.value)
		if len(d.value) == f.most {
			s.Flags = addFlag(s.Flags, photo.Truncated)
		}
		rd.say(s)
	}
}

// datasets cuts a block into its datasets (IIM 4.2, section 1.5): a marker, record, number, and a length of 15 bits or, with the first bit
// set, the number of bytes of a longer one. The error comes with the datasets in front of the damage, and with what is there of a cut one.
func datasets(b []byte) (all []dataset, err error) {
	for len(b) > 0 && len(all) < maxDatasets {
		if b[0] == 0 { // padding
			b = b[1:]
			continue
		}
		if b[0] != iimMarker {
			return all, fmt.Errorf("there is no dataset where one should begin, after %d", len(all))
		}
		if len(b) < 5 {
			return all, errTruncated
		}
		head, n := 5, uint64(binary.BigEndian.Uint16(b[3:]))
		if n&0x8000 != 0 {
			long := int(n & 0x7FFF)
			if long > 8 || len(b) < 5+long {
				return all, errTruncated
			}
			head, n = 5+long, 0
			for _, c := range b[5:head] {
				n = n<<8 | uint64(c)
			}
		}
		cut := n > uint64(len(b)-head)
		n = min(n, uint64(len(b)-head))
		all = append(all, dataset{b[1], b[2], b[head : head+int(n)]})
		if cut {
			return all, errTruncated
		}
		b = b[head+int(n):]
	}
	return all, nil
}

// checkDigest compares the digest of the IIM with the one that its writer left, when both are known. One of zeros says nothing.
func (rd *reading) checkDigest() {
	if rd.sum != nil && rd.digest != nil && bytes.Trim(rd.digest, "\x00") != nil {
		rd.meta.IIMChanged = !bytes.Equal(rd.sum, rd.digest)
	}
}

// compareIIM flags what IIM says otherwise than the XMP of the same file: as truncated where it is the beginning of that, else as out of
// sync. Where only the character set was guessed wrongly, the XMP tells the right one.
func compareIIM(all []photo.Statement) {
	said := map[photo.Property][]string{}
	for _, s := range all {
		if s.Kind == photo.FileXMP && isPrimary(s) {
			said[s.Property] = append(said[s.Property], s.Value)
		}
	}
	for i := range all {
		s := &all[i]
		others := said[s.Property]
		switch {
		case s.Kind != photo.FileIIM || len(others) == 0:
		case slices.Contains(others, s.Value):
			s.Flags = slices.DeleteFunc(s.Flags, func(f photo.Flag) bool { return f == photo.Truncated }) // it only just fits
		case beginsOne(others, s.Value):
			s.Flags = addFlag(s.Flags, photo.Truncated)
		case !reread(s, others):
			s.Flags = addFlag(s.Flags, photo.OutOfSync)
		}
	}
}

// beginsOne reports whether value is the beginning of one of the others, and long enough to be one that was cut.
func beginsOne(others []string, value string) bool {
	const shortest = 28 // a cut at 32 bytes, less a character that did not fit
	for _, o := range others {
		if len(value) >= shortest && strings.HasPrefix(o, value) {
			return true
		}
	}
	return false
}

// reread looks for a character set in which the bytes of s are what one of the others says.
func reread(s *photo.Statement, others []string) bool {
	if s.Raw == nil {
		return false
	}
	for _, set := range []*charmap.Charmap{charmap.Macintosh, charmap.Windows1251, charmap.Windows1250, charmap.Windows1253, charmap.Windows1254, charmap.CodePage437} {
		value, _ := tidy(single(set, s.Raw), nil)
		exact := slices.Contains(others, value)
		if exact || beginsOne(others, value) {
			s.Value, s.Flags = value, addFlag(s.Flags, photo.Detected)
			if !exact {
				s.Flags = addFlag(s.Flags, photo.Truncated)
			}
			return true
		}
	}
	return false
}
