package warc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	fillerText = "Damaged; put aside when this file was recovered." // its beginning, where there is no more room

	storedBlock  = 1<<16 - 1 // content bytes of deflate's largest stored block (RFC 1951 §3.2.4)
	storedPrefix = 5         // bytes before them
	gzipFrame    = 10 + 2 + 8

	// minFiller is the bytes from which on a filler can have any length, and less than our smallest records have. A shorter stretch of damage,
	// which a Writer does not leave behind, takes the record behind it along.
	minFiller = 290
)

// newFiller gives a gzip member of exactly the stretch's length: a metadata record that says in words that bytes were damaged, filled up with spaces. It
// is a record because other readers take a member without content for the end of the file. The same arguments give the same bytes, so that a
// recovery can be repeated. The stretch must have at least minFiller bytes.
func newFiller(d Stretch, warcinfo string, date time.Time) io.Reader {
	head := fillerHeader(d, warcinfo, date)
	// What remains when lengths in digits and blocks do not come out even goes into the member's extra field (RFC 1952 §2.3.1.1).
	for extra := int64(0); extra < minFiller; extra++ {
		room := d.Length - gzipFrame - extra
		blocks := (room + storedBlock + storedPrefix - 1) / (storedBlock + storedPrefix)
		content := room - blocks*storedPrefix
		if (content+storedBlock-1)/storedBlock != blocks {
			continue
		}
		for digits := 1; digits < 20; digits++ {
			block := content - int64(len(head)+digits+len("\r\n\r\n")+len(marker))
			length := strconv.FormatInt(block, 10)
			if block >= 0 && len(length) == digits {
				text := fillerText[:min(block, int64(len(fillerText)))]
				return fillerMember(extra, content, head+length+"\r\n\r\n"+text)
			}
		}
	}
	panic(fmt.Sprintf("warc: no filler has %d bytes", d.Length)) // a mistake in the program
}

// fillerHeader ends where the length of the block begins.
func fillerHeader(d Stretch, warcinfo string, date time.Time) string {
	id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s#%d+%d", warcinfo, d.Offset, d.Length))
	return fmt.Sprintf("WARC/1.1\r\n%s: %s\r\n%s: %s\r\n%s: %s\r\n%s: %s\r\n%s: text/plain\r\n%s: ",
		fieldType, Metadata, fieldRecordID, bracket(id.URN()), fieldDate, date.UTC().Format(dateLayout),
		fieldWarcinfoID, bracket(warcinfo), fieldContentType, fieldContentLength)
}

// fillerMember frames begin, spaces and the record's end marker, content bytes together, in stored blocks.
func fillerMember(extra, content int64, begin string) io.Reader {
	sum := crc32.NewIEEE()
	record := func() io.Reader {
		return io.MultiReader(strings.NewReader(begin), io.LimitReader(spaces{}, content-int64(len(begin)+len(marker))), strings.NewReader(marker))
	}
	_, _ = io.Copy(sum, record()) // neither side can fail

	head := []byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, byte(extra), byte(extra >> 8)}
	parts := []io.Reader{bytes.NewReader(append(head, make([]byte, extra)...))}
	from := record()
	for left := content; left > 0; left -= storedBlock {
		n := min(left, storedBlock)
		prefix := []byte{0, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}
		if n == left {
			prefix[0] = 1 // the last
		}
		parts = append(parts, bytes.NewReader(prefix), io.LimitReader(from, n))
	}
	trailer := binary.LittleEndian.AppendUint32(nil, sum.Sum32())
	trailer = binary.LittleEndian.AppendUint32(trailer, uint32(content)) // modulo 2^32, as RFC 1952 wants
	return io.MultiReader(append(parts, bytes.NewReader(trailer))...)
}

// spaces is an endless stream of them.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
