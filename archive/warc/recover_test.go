package warc

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecoverKeepsWhatIsWholeWhereverTheFileIsCut(t *testing.T) {
	file := warcFile(t, 2)
	records := scan(file).records
	for cut := 0; cut <= len(file); cut += 31 {
		good, n := int64(0), 0 // what is whole of file[:cut], and the records in it besides the warcinfo
		for i, rec := range records {
			if end := rec.Offset + rec.Length; end <= int64(cut) {
				good, n = end, i
			}
		}
		path := inDir(t, "a.warc.gz.open", file[:cut])
		dir := filepath.Dir(path)
		r, err := Recover(path)
		if err != nil || r.Records != n {
			t.Fatalf("cut at %d: %+v, %v", cut, r, err)
		}
		final, torn := filepath.Join(dir, "a.warc.gz"), filepath.Join(dir, "a.warc.gz.torn")
		switch {
		case cut == 0:
			if len(names(t, dir)) > 0 || r.Path != "" || r.Aside != "" {
				t.Errorf("empty file: %+v, %v", r, names(t, dir))
			}
		case n == 0:
			if r.Path != "" || r.Aside != torn || r.Cut != int64(cut) || !bytes.Equal(readFile(t, torn), file[:cut]) || len(names(t, dir)) != 1 {
				t.Errorf("cut at %d, nothing whole: %+v, %v", cut, r, names(t, dir))
			}
		default:
			if r.Path != final || !bytes.Equal(readFile(t, final), file[:good]) || r.Cut != int64(cut)-good || (r.Why == nil) != (r.Cut == 0) {
				t.Errorf("cut at %d, %d whole: %+v", cut, good, r)
			}
			if got := scan(readFile(t, final)); got.err != nil || len(got.records) != n+1 {
				t.Errorf("cut at %d: what was kept does not read: %v", cut, got.err)
			}
			if r.Cut == 0 {
				if r.Aside != "" || len(names(t, dir)) != 1 {
					t.Errorf("cut at %d: %+v", cut, r)
				}
			} else if r.Aside != torn || !bytes.Equal(readFile(t, torn), file[good:cut]) {
				t.Errorf("cut at %d: the tail is not aside: %+v", cut, r)
			}
		}
	}
}

func TestRecoverKeepsNoRecordThatDisagreesWithItsDigest(t *testing.T) {
	good := warcFile(t, 1)
	bad := member(t, "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:a:b>\r\nWARC-Date: 2020-02-03T04:05:06Z\r\n"+
		"Content-Type: text/plain\r\nWARC-Block-Digest: "+emptySHA1+"\r\nContent-Length: 5\r\n\r\nblock\r\n\r\n")
	path := inDir(t, "a.warc.gz.open", append(good[:len(good):len(good)], bad...))
	r, err := Recover(path)
	var mismatch *Mismatch
	if err != nil || r.Records != 3 || r.Cut != int64(len(bad)) || !errors.As(r.Why, &mismatch) {
		t.Errorf("%+v, %v", r, err)
	}
	if !bytes.Equal(readFile(t, r.Path), good) || !bytes.Equal(readFile(t, r.Aside), bad) {
		t.Error("the file was cut at another place")
	}
}

func TestInterruptedRecoveryCanBeRepeated(t *testing.T) {
	file := warcFile(t, 1)
	torn := file[:len(file)-10]
	path := inDir(t, "a.warc.gz.open", torn)
	// As if the power had gone between putting the tail aside and cutting it off, with half of the tail written.
	if err := os.WriteFile(strings.TrimSuffix(path, ".open")+".torn", []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := Recover(path)
	if err != nil || r.Records != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := append(readFile(t, r.Path), readFile(t, r.Aside)...); !bytes.Equal(got, torn) {
		t.Error("bytes were lost")
	}
	// As if it had gone before the last step.
	if err := os.Rename(r.Path, path); err != nil {
		t.Fatal(err)
	}
	again, err := Recover(path)
	if err != nil || again.Records != 2 || again.Cut != 0 || again.Path != r.Path || again.Aside != "" {
		t.Errorf("%+v, %v", again, err)
	}
	if got := append(readFile(t, r.Path), readFile(t, r.Aside)...); !bytes.Equal(got, torn) {
		t.Error("bytes were lost the second time")
	}
}

func TestRecoverRefuses(t *testing.T) {
	file := warcFile(t, 1)
	t.Run("a file that is finished", func(t *testing.T) {
		if _, err := Recover(inDir(t, "a.warc.gz", file)); err == nil {
			t.Error("no error")
		}
	})
	t.Run("to replace a finished file", func(t *testing.T) {
		path := inDir(t, "a.warc.gz.open", file[:len(file)-1])
		final := strings.TrimSuffix(path, ".open")
		if err := os.WriteFile(final, file, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Recover(path); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
		if !bytes.Equal(readFile(t, final), file) || !slices.Equal(names(t, filepath.Dir(path)), []string{"a.warc.gz", "a.warc.gz.open"}) {
			t.Error("something was changed")
		}
	})
	t.Run("a file that is not there", func(t *testing.T) {
		if _, err := Recover(filepath.Join(t.TempDir(), "a.warc.gz.open")); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

// flipped is file with one byte changed.
func flipped(file []byte, at int64) []byte {
	out := bytes.Clone(file)
	out[at] ^= 0xff
	return out
}

func TestRecoverGoesOnBehindDamage(t *testing.T) {
	file := warcFile(t, 3)
	records := scan(file).records
	for i, bad := range records[1:] {
		for _, at := range []int64{0, 1, 15, bad.Length / 2, bad.Length - 1} {
			broken := flipped(file, bad.Offset+at)
			if i < len(records)-2 {
				broken = broken[:len(broken)-7] // and the last record is torn
			}
			path := inDir(t, "a.warc.gz.open", broken)
			r, err := Recover(path)
			if err != nil {
				t.Fatal(err)
			}
			got := scan(readFile(t, r.Path))
			if got.err != nil {
				t.Fatalf("record %d: what was kept does not read: %v", i+1, got.err)
			}
			if i >= len(records)-3 { // nothing whole follows: a tail
				if len(r.Damaged) != 0 || r.Cut != int64(len(broken))-bad.Offset {
					t.Errorf("record %d is no tail: %+v", i+1, r)
				}
				continue
			}
			if len(r.Damaged) != 1 || r.Damaged[0].Offset != bad.Offset || r.Damaged[0].Length != bad.Length || r.Damaged[0].Why == nil {
				t.Fatalf("record %d: %+v", i+1, r)
			}
			if b := readFile(t, r.Damaged[0].Aside); !bytes.Equal(b, broken[bad.Offset:bad.Offset+bad.Length]) {
				t.Errorf("record %d: other bytes are aside", i+1)
			}
			if len(names(t, filepath.Dir(path))) != 3 {
				t.Errorf("record %d: files %v", i+1, names(t, filepath.Dir(path)))
			}
			for j, rec := range got.records {
				want := records[j]
				if rec.Offset != want.Offset || rec.Length != want.Length || (rec.ID == want.ID) != (j != i+1) {
					t.Errorf("record %d damaged: record %d stands at %d+%d, not at %d+%d", i+1, j, rec.Offset, rec.Length, want.Offset, want.Length)
				}
			}
			if len(got.records) != len(records)-1 {
				t.Errorf("record %d: %d records were kept", i+1, len(got.records))
			}
		}
	}
}

func TestRecoverKeepsWhatFollowsManyDamagedStretches(t *testing.T) {
	file := warcFile(t, 4)
	records := scan(file).records
	broken := flipped(flipped(flipped(file, records[2].Offset+20), records[3].Offset+20), records[7].Offset+20)
	path := inDir(t, "a.warc.gz.open", broken)
	r, err := Recover(path)
	if err != nil || len(r.Damaged) != 2 || r.Damaged[0].Length != records[2].Length+records[3].Length || r.Cut != 0 || r.Why != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	first := readFile(t, r.Path)
	// As if the power had gone before the damaged file was replaced.
	if err := errors.Join(os.Remove(r.Path), os.WriteFile(path, broken, 0o666)); err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(path); err != nil || !bytes.Equal(readFile(t, r.Path), first) {
		t.Errorf("a second recovery makes another file: %v", err)
	}
}

func TestRecoverTakesNoRecordsOutOfWhatAServerSent(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	forged := string(warcFile(t, 2))
	x := exchange(t, "https://news.example/a.warc.gz", "HTTP/1.1 200 OK\nContent-Type: application/gzip", forged, forged)
	write(t, w, drafts(t, page(t, 1))...)
	at := write(t, w, drafts(t, x)...)
	write(t, w, drafts(t, page(t, 2))...)
	_, file := closeOne(t, w)
	r, err := Recover(inDir(t, "a.warc.gz.open", flipped(file, at[0].Offset)))
	if err != nil || len(r.Damaged) != 1 || r.Damaged[0].Length != at[0].Length || r.Records != 8 {
		t.Fatalf("%+v, %v", r, err)
	}
	r, err = Recover(inDir(t, "b.warc.gz.open", file[:at[0].Offset+at[0].Length-1]))
	if err != nil || len(r.Damaged) != 0 || r.Records != 3 {
		t.Errorf("torn behind what the server sent: %+v, %v", r, err)
	}
}

func TestFillersHaveAnyLength(t *testing.T) {
	const id = "urn:uuid:01234567-89ab-cdef-0123-456789abcdef"
	check := func(size int64) {
		b, err := io.ReadAll(newFiller(Stretch{Offset: 1 << 40, Length: size}, id, testDate))
		if err != nil || int64(len(b)) != size {
			t.Fatalf("%d bytes, not %d: %v", len(b), size, err)
		}
		rec, err := ReadAt(bytes.NewReader(b), 0, size)
		if err == nil {
			err = Check(rec)
		}
		if err != nil || rec.Type != Metadata || len(rec.Warnings) > 0 {
			t.Fatalf("filler of %d bytes: %+v, %v", size, rec, err)
		}
	}
	for size := int64(minFiller); size < minFiller+1200; size++ {
		check(size)
	}
	for _, around := range []int64{10000, 1 << 16, 2 << 16, 100000, 1 << 20} {
		for size := around - 40; size < around+400; size += 1 {
			if size%7 == 0 || around != 1<<20 {
				check(size)
			}
		}
	}
}

// FuzzRecover wants of any bytes that surveying them ends, and that what would be kept reads and has all but the damage at its place.
func FuzzRecover(f *testing.F) {
	file := warcFile(f, 2)
	records := scan(file).records
	f.Add(file)
	f.Add(file[:len(file)-10])
	f.Add(flipped(file, records[2].Offset+30))
	f.Add(append(file[:records[2].Offset:records[2].Offset], append([]byte("\x1f\x8b\x08"), file[records[2].Offset:]...)...))
	f.Add([]byte(plain("one") + plain("two")))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := surveyFile(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := io.ReadAll(s.mended(bytes.NewReader(file)))
		if err != nil || int64(len(kept)) != s.good {
			t.Fatalf("%d bytes of %d, %v", len(kept), s.good, err)
		}
		if got := scan(kept); got.err != nil {
			t.Fatalf("%+v: %v", s, got.err)
		}
		for _, d := range s.damaged {
			if d.Length < minFiller {
				t.Fatalf("%+v", d)
			}
			copy(kept[d.Offset:], file[d.Offset:d.Offset+d.Length])
		}
		if !bytes.Equal(kept, file[:s.good]) {
			t.Fatalf("%+v: bytes were lost", s)
		}
	})
}
