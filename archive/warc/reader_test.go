package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"
)

func TestForeignRecordsAreReadWithWarnings(t *testing.T) {
	short := strings.TrimSuffix(plain("block"), "\r\n")
	for _, c := range []struct {
		name, content string
		warnings      int
	}{
		{"an ordinary record", plain("block"), 0},
		{"one line of the end marker is missing", short, 1},
		{"the end marker is missing", strings.TrimSuffix(short, "\r\n"), 1},
		{"a digest of an algorithm that nobody knows", plain("block", "WARC-Block-Digest: xxh3:abc"), 0},
		{"a date to the day", strings.Replace(plain("block"), "2020-02-03T04:05:06Z", "2020-02-03", 1), 0},
		{"a date that is none", strings.Replace(plain("block"), "2020-02-03T04:05:06Z", "soon", 1), 1},
		{"lines that end with LF alone", strings.Replace(plain("block"), "\r\nWARC", "\nWARC", 1), 1},
		{"a line without colon", plain("block", "nonsense"), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := scan(member(t, c.content))
			if got.err != nil || len(got.records) != 1 || got.blocks[0] != "block" {
				t.Fatalf("%q, %v", got.blocks, got.err)
			}
			if rec := got.records[0]; len(rec.Warnings) != c.warnings || rec.Type != Resource || rec.ID != "urn:a:b" {
				t.Errorf("%+v", rec)
			}
		})
	}
}

func TestDates(t *testing.T) {
	day := time.Date(2020, 2, 3, 0, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"2020":                        time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		"2020-02":                     time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC),
		"2020-02-03":                  day,
		"2020-02-03T04:05Z":           day.Add(4*time.Hour + 5*time.Minute),
		"2020-02-03T04:05:06.7+01:00": day.Add(3*time.Hour + 5*time.Minute + 6700*time.Millisecond),
	} {
		if got, err := parseDate(in); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
}

func TestPlainFilesMayHaveOddMarkers(t *testing.T) {
	for _, end := range []string{"", "\n", "\r\n", "\r\n\n", "\r\n\r\n\r\n"} {
		first := strings.TrimSuffix(plain("one"), marker) + end
		file := first + plain("two")
		got := scan([]byte(file))
		if got.err != nil || len(got.records) != 2 || len(got.records[0].Warnings) != 1 || got.records[1].Offset != int64(len(first)) {
			t.Errorf("%q: %+v", end, got)
			continue
		}
		rec, err := ReadAt(strings.NewReader(file), 0, got.records[0].Length)
		if err != nil || rec.Finish() != nil {
			t.Errorf("%q: the same record by its position: %v", end, err)
		}
	}
}

func TestDamageIsNamed(t *testing.T) {
	file := warcFile(t, 1)
	at := scan(file).records[2].Offset
	flipped := append([]byte(nil), file...)
	flipped[at+40] ^= 1
	record := plain("block")
	for _, c := range []struct {
		name   string
		file   []byte
		offset int64
		want   error
	}{
		{"a flipped bit", flipped, at, nil},
		{"a CRC that does not fit", corruptCRC(member(t, record)), 0, gzip.ErrChecksum},
		{"two records in one member", member(t, record+record), 0, ErrLength},
		{"a Content-Length that is too large", member(t, strings.Replace(record, "Length: 5", "Length: 50", 1)), 0, ErrLength},
		{"a Content-Length that is too small", member(t, strings.Replace(record, "Length: 5", "Length: 3", 1)), 0, ErrLength},
		{"the same in a plain file", []byte(strings.Replace(record, "Length: 5", "Length: 3", 1) + record), 0, ErrLength},
		{"a member of something else", member(t, "hello, world\n\n"), 0, ErrForeign},
		{"a member without a line", member(t, strings.Repeat("x", maxHeader+1)), 0, ErrHeader},
		{"a header without end", member(t, "WARC/1.1\r\n"+strings.Repeat("X: y\r\n", maxHeader/6)), 0, ErrHeader},
		{"a member that ends in the header", member(t, record[:100]), 0, ErrHeader},
		{"a file of something else", []byte("PK\x03\x04 and so on"), 0, ErrForeign},
		{"a file name cut in the gzip header", []byte("\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03name"), 0, ErrTorn},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := scan(c.file)
			var damage *Damage
			if !errors.As(got.err, &damage) || damage.Offset != c.offset || c.want != nil && !errors.Is(got.err, c.want) {
				t.Errorf("%d records, %v", len(got.records), got.err)
			}
		})
	}
}

func corruptCRC(member []byte) []byte {
	member[len(member)-6] ^= 0xff
	return member
}

func TestFileThatCannotBeReadIsNotDamaged(t *testing.T) {
	file := warcFile(t, 1)
	for n := range len(file) {
		got := scanFrom(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(os.ErrDeadlineExceeded)))
		var damage *Damage
		if !errors.Is(got.err, os.ErrDeadlineExceeded) || errors.As(got.err, &damage) {
			t.Fatalf("after %d bytes: %v", n, got.err)
		}
	}
}

func TestSmallReadsGiveTheSame(t *testing.T) {
	file := warcFile(t, 2)
	want, got := scan(file), scanFrom(iotest.OneByteReader(bytes.NewReader(file)))
	if got.err != nil || fmt.Sprint(got.blocks) != fmt.Sprint(want.blocks) {
		t.Errorf("%v", got.err)
	}
}

func TestBlocksMayBeSkippedOrReadInPart(t *testing.T) {
	file := warcFile(t, 2)
	want := scan(file).records
	var seen []*Record
	for rec, err := range Read(bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		switch len(seen) % 3 {
		case 1:
			if _, err := io.CopyN(io.Discard, rec.Block, 3); err != nil {
				t.Fatal(err)
			}
		case 2:
			if err := rec.Finish(); err != nil || rec.Length == 0 {
				t.Fatal(rec.Length, err)
			}
		}
		seen = append(seen, rec)
	}
	for i, rec := range seen {
		if rec.Offset != want[i].Offset || rec.Length != want[i].Length {
			t.Errorf("record %d at %d+%d, want %d+%d", i, rec.Offset, rec.Length, want[i].Offset, want[i].Length)
		}
		if n, err := rec.Block.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Errorf("record %d can still be read", i)
		}
	}
	for rec := range Read(bytes.NewReader(file)) {
		if n, err := rec.Block.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Error(n, err)
		}
		seen[0] = rec
		break
	}
	if _, err := seen[0].Block.Read(make([]byte, 1)); err == nil {
		t.Error("a record can be read after its iteration")
	}
}

func TestReadAtWantsTheRecordItWasPromised(t *testing.T) {
	file := warcFile(t, 2)
	rec := scan(file).records[2]
	for name, at := range map[string][2]int64{
		"a length too short":         {rec.Offset, rec.Length - 1},
		"a length of two records":    {rec.Offset, rec.Length + 1},
		"an offset inside a record":  {rec.Offset + 1, rec.Length},
		"an offset behind the file":  {int64(len(file)), 10},
		"a length of nothing":        {rec.Offset, 0},
		"an offset before the file":  {-1, 10},
		"a length that is less so":   {rec.Offset, -5},
		"the end of a record's head": {rec.Offset, 30},
	} {
		got, err := ReadAt(bytes.NewReader(file), at[0], at[1])
		if err == nil {
			err = got.Finish()
		}
		if err == nil {
			t.Errorf("%s was read", name)
		}
	}
	plainFile := plain("one") + plain("two")
	got, err := ReadAt(strings.NewReader(plainFile), int64(len(plain("one"))), int64(len(plain("two"))))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(got.Block); err != nil || string(b) != "two" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestBombOfHeadersIsRefusedInLittleMemory(t *testing.T) {
	bomb := member(t, "WARC/1.1\r\nX: "+strings.Repeat("a", 64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := scan(bomb)
	runtime.ReadMemStats(&after)
	if !errors.Is(got.err, ErrHeader) || after.TotalAlloc-before.TotalAlloc > 16<<20 {
		t.Errorf("%v, %d bytes", got.err, after.TotalAlloc-before.TotalAlloc)
	}
}

// FuzzRead wants of any bytes that reading them ends, that nothing panics, and that records and damage account for every byte.
func FuzzRead(f *testing.F) {
	file := warcFile(f, 1)
	f.Add(file)
	f.Add(file[:len(file)-10])
	f.Add(append(member(f, ""), file...))
	f.Add([]byte(plain("one") + plain("two")))
	f.Add([]byte(plain("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "Content-Type: application/http")))
	f.Add([]byte("WARC/\n"))
	f.Add(member(f, "WARC/1.1\r\nContent-Length: 7\r\n x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		end := int64(0)
		for rec, err := range Read(&impatient{bytes.NewReader(file), 1000 + len(file)}) {
			if err != nil {
				var damage *Damage
				if !errors.As(err, &damage) || damage.Offset < end || damage.Offset > int64(len(file)) {
					t.Fatalf("after %d: %v", end, err)
				}
				return
			}
			if rec.Offset < end {
				t.Fatalf("record at %d begins before %d", rec.Offset, end)
			}
			if head, err := rec.Head(); err == nil && head.Length > rec.BlockLength {
				t.Fatalf("head of %d bytes in a block of %d", head.Length, rec.BlockLength)
			}
			if entity, err := rec.Entity(1 << 16); err == nil {
				// Whatever a hostile document does, it must end.
				_, _ = io.Copy(io.Discard, entity)
				if err := entity.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if rec.Finish() != nil {
				continue // the iteration says so too
			}
			end = rec.Offset + rec.Length
			again, err := ReadAt(bytes.NewReader(file), rec.Offset, rec.Length)
			if err != nil || again.ID != rec.ID || again.Finish() != nil {
				t.Fatalf("record at %d+%d cannot be read there: %v", rec.Offset, rec.Length, err)
			}
		}
	})
}
