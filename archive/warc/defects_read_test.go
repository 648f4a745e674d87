package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// The defects of gowarc v2.0.1's reader, which we give nothing but whole headers.

// member is one gzip member with that content.
func member(t testing.TB, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plain is a record as another writer might make it: fields without WARC/1.1 line and Content-Length.
func plain(block string, fields ...string) string {
	return "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:a:b>\r\nWARC-Date: 2020-02-03T04:05:06Z\r\n" +
		"Content-Type: text/plain\r\n" + strings.Join(append(fields, ""), "\r\n") +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
}

// impatient is a file that does not let itself be asked for ever.
type impatient struct {
	r    io.Reader
	left int
}

func (i *impatient) Read(p []byte) (int, error) {
	if i.left--; i.left < 0 {
		panic("the reader asks and asks")
	}
	return i.r.Read(p)
}

// R1: torn inside a record header, gowarc's parser never returns and fills the memory.
// R3: gowarc takes the end of a cut member for the end of the file.
func TestR1FileCutAtAnyByteEndsWithAnErrorThatNamesTheByte(t *testing.T) {
	file := warcFile(t, 2)
	whole := scan(file)
	ends := map[int64]int{0: 0} // offsets between records, and the records before them
	for i, rec := range whole.records {
		ends[rec.Offset+rec.Length] = i + 1
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	good, records := int64(0), 0
	for cut := range len(file) + 1 {
		if n, ok := ends[int64(cut)]; ok {
			good, records = int64(cut), n
		}
		got := scanFrom(&impatient{bytes.NewReader(file[:cut]), 1000})
		if len(got.records) != records {
			t.Fatalf("cut at %d: %d records, want %d", cut, len(got.records), records)
		}
		if int64(cut) == good {
			if got.err != nil {
				t.Fatalf("cut between records at %d: %v", cut, got.err)
			}
			continue
		}
		var damage *Damage
		if !errors.As(got.err, &damage) || damage.Offset != good || !errors.Is(got.err, ErrTorn) {
			t.Fatalf("cut at %d behind %d: %v", cut, good, got.err)
		}
	}
	runtime.ReadMemStats(&after)
	if used := (after.TotalAlloc - before.TotalAlloc) / uint64(len(file)); used > 256<<10 {
		t.Errorf("a cut file took %d bytes of memory", used)
	}
}

// R2: gowarc panics on a version line that is none.
func TestR2BrokenVersionLinesAreErrors(t *testing.T) {
	for _, head := range []string{
		"WARC/\n", "WARC/\r\n\r\n", "WARC/1\r\n\r\n", "WARC/1.1", "WARC/1.1\n", "WARC/x.y\r\n\r\n", "WARC/1.1 x\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
		"WARC/1.1\r\n\r\n", "WARC/1.1\r\n: \r\n\r\n", "WARC/1.1\r\nContent-Length\r\n\r\n", "WARC/1.1\r\nContent-Length: -1\r\n\r\n\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n\r\n\r\n", "WARC/1.1\r\nA: b\r\n\rX: y\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
	} {
		for _, file := range [][]byte{[]byte(head), member(t, head)} {
			got := scanFrom(&impatient{bytes.NewReader(file), 1000})
			var damage *Damage
			if !errors.As(got.err, &damage) || damage.Offset != 0 || len(got.records) > 0 {
				t.Errorf("%q: %d records, %v", head, len(got.records), got.err)
			}
		}
	}
}

// R3: gowarc says EOF, and no error, whatever follows the last record.
func TestR3TrailingBytesAreDamage(t *testing.T) {
	for name, file := range map[string][]byte{
		"gzip":  warcFile(t, 1),
		"plain": []byte(plain("abc") + plain("def")),
	} {
		records := len(scan(file).records)
		for _, tail := range []string{"\x00", "\x00\x00\x00", strings.Repeat("\x00", 600), "x", "text", "more text than five bytes", "\x1f", "\x1f\x8b", "W", "WARC", "WARC/"} {
			got := scan(append(file[:len(file):len(file)], tail...))
			var damage *Damage
			if !errors.As(got.err, &damage) || len(got.records) < records-1 {
				t.Errorf("%s and %q: %d records, %v", name, tail, len(got.records), got.err)
				continue
			}
			if name == "gzip" && (damage.Offset != int64(len(file)) || len(got.records) != records) {
				t.Errorf("gzip and %q: %d records, %v", tail, len(got.records), got.err)
			}
		}
	}
}

// R4: gowarc takes an empty gzip member for the end of the file.
func TestR4EmptyMembersArePassedOver(t *testing.T) {
	file := warcFile(t, 1)
	first := scan(file).records[0].Length
	var padded []byte
	padded = append(padded, member(t, "")...)
	padded = append(padded, file[:first]...)
	padded = append(padded, member(t, "")...)
	padded = append(padded, member(t, "")...)
	padded = append(padded, file[first:]...)
	padded = append(padded, member(t, "")...)
	if got := scan(padded); got.err != nil || len(got.records) != 4 {
		t.Errorf("%d records, %v", len(got.records), got.err)
	}
}

// R5: gowarc counts a plain file's cut record as a record.
func TestR5PlainFileCutAtAnyByteIsTorn(t *testing.T) {
	one, two := plain("first"), plain("second\r\n")
	file := one + two
	if got := scan([]byte(file)); got.err != nil || len(got.records) != 2 || got.blocks[1] != "second\r\n" {
		t.Fatalf("whole file: %v, %v", got.blocks, got.err)
	}
	for cut := 1; cut < len(file); cut++ {
		got := scanFrom(&impatient{strings.NewReader(file[:cut]), 1000})
		if cut == len(one) {
			if got.err != nil || len(got.records) != 1 {
				t.Errorf("cut between the records: %v", got.err)
			}
			continue
		}
		want := 0
		if cut > len(one) {
			want = 1
		}
		var damage *Damage
		if !errors.As(got.err, &damage) || len(got.records) != want {
			t.Errorf("cut at %d of %d: %d records, %v", cut, len(file), len(got.records), got.err)
		}
	}
}

// R6: behind a torn member, gowarc loses the next one too, and goes on as if nothing was wrong.
func TestR6TornMemberInTheMiddleIsFoundAndTheOthersCanBeRead(t *testing.T) {
	file := warcFile(t, 1)
	recs := scan(file).records
	second, third := recs[1], recs[2]
	broken := append([]byte(nil), file[:second.Offset+second.Length-20]...)
	broken = append(broken, file[third.Offset:]...)
	got := scan(broken)
	var damage *Damage
	if !errors.As(got.err, &damage) || damage.Offset != second.Offset || len(got.records) != 1 {
		t.Errorf("%d records, %v", len(got.records), got.err)
	}
	rec, err := ReadAt(bytes.NewReader(broken), third.Offset-20, third.Length)
	if err != nil || rec.ID != third.ID || Check(rec) != nil {
		t.Errorf("the next record: %v", err)
	}
}

// R7: with validation off gowarc gives empty or short blocks, without an error.
func TestR7BlocksAreWhole(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 65_536, 200_045, 1 << 20} {
		body := noise(size)
		x := exchange(t, "https://news.example/a", "HTTP/1.1 200 OK\nContent-Type: text/html", body, body)
		w := newWriter(t, WriterOptions{})
		write(t, w, drafts(t, x)...)
		_, file := closeOne(t, w)
		got := scan(file)
		if got.err != nil || !strings.HasSuffix(got.blocks[1], "\r\n\r\n"+body) || int64(len(got.blocks[1])) != got.records[1].BlockLength {
			t.Errorf("%d bytes: %v", size, got.err)
		}
	}
}

// R8: wget writes <URI>, which gowarc's validation empties.
func TestR8TargetURIsAreWhatTheFileSays(t *testing.T) {
	for field, want := range map[string]string{
		"WARC-Target-URI: <http://www.example/>":                  "http://www.example/",
		"WARC-Target-URI:http://www.example/a b":                  "http://www.example/a b",
		"warc-target-uri: http://x.example/=?utf-8?q?=41?=":       "http://x.example/=?utf-8?q?=41?=",
		"WARC-Target-URI: http://x.example/=?no-such-set?q?=41?=": "http://x.example/=?no-such-set?q?=41?=",
		"WARC-Target-URI: http://x.example:99999/":                "http://x.example:99999/",
		"WARC-Target-URI: http://x.example/\r\n continued":        "http://x.example/ continued",
	} {
		got := scan([]byte(plain("x", field)))
		if got.err != nil || got.records[0].TargetURI != want {
			t.Errorf("%q gave %+v, %v", field, got.records, got.err)
		}
	}
}
