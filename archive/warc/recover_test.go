package warc

import (
	"bytes"
	"errors"
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
