package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	w := newWriter(t, WriterOptions{Info: []Field{{"software", "tearsheet/1.0"}, {"robots", "obey"}}})
	x := exchange(t, "https://news.example/a", "HTTP/1.1 200 OK\nContent-Type: image/jpeg", noise(70_000), noise(70_000))
	var made []*Draft
	var at []Position
	for _, x := range []*Exchange{page(t, 1), x, page(t, 2)} {
		ds := drafts(t, x)
		made = append(made, ds...)
		at = append(at, write(t, w, ds...)...)
	}
	path, file := closeOne(t, w)
	got := scan(file)
	if got.err != nil || len(got.records) != 1+len(made) {
		t.Fatalf("%d records, %v", len(got.records), got.err)
	}
	info := got.records[0]
	if info.Type != Warcinfo || info.Get("WARC-Filename") != filepath.Base(path) {
		t.Errorf("first record: %v", info.Fields)
	}
	for _, want := range []string{"software: tearsheet/1.0\r\n", "robots: obey\r\n", "format: WARC File Format 1.1\r\n", "conformsTo: https://"} {
		if !strings.Contains(got.blocks[0], want) {
			t.Errorf("warcinfo lacks %q:\n%s", want, got.blocks[0])
		}
	}
	if strings.Contains(got.blocks[0], "software: tearsheet\r\n") {
		t.Error("warcinfo names the software twice")
	}
	for i, d := range made {
		rec := got.records[1+i]
		if rec.Version != "WARC/1.1" || rec.Type != d.Type || rec.ID != d.ID || rec.TargetURI != d.Get("WARC-Target-URI") || len(rec.Warnings) > 0 {
			t.Errorf("record %d: %+v", i, rec)
		}
		if !rec.Date.Equal(testDate) || rec.Get("WARC-Warcinfo-ID") != "<"+info.ID+">" {
			t.Errorf("record %d: %v", i, rec.Fields)
		}
		if got.blocks[1+i] != blockOf(t, d) {
			t.Errorf("record %d has another block", i)
		}
		if p := (Position{filepath.Base(path), rec.Offset, rec.Length}); at[i] != p {
			t.Errorf("record %d: written at %+v, read at %+v", i, at[i], p)
		}
		again, err := ReadAt(bytes.NewReader(file), at[i].Offset, at[i].Length)
		if err != nil || again.ID != d.ID || Check(again) != nil {
			t.Errorf("ReadAt %+v: %v", at[i], err)
		}
	}
	if n := len(got.records[2].All("WARC-Protocol")); n != 2 {
		t.Errorf("%d WARC-Protocol fields", n)
	}
}

func TestNoFileIsMadeBeforeTheFirstRecord(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, WriterOptions{Dir: dir})
	if at, err := w.Write(); at != nil || err != nil {
		t.Error(at, err)
	}
	if err := w.Sync(); err != nil {
		t.Error(err)
	}
	if paths, err := w.Close(); len(paths) > 0 || err != nil || len(names(t, dir)) > 0 {
		t.Error(paths, err, names(t, dir))
	}
}

func TestOpenFileCarriesItsMark(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, WriterOptions{Dir: dir, Prefix: "paper"})
	at := write(t, w, drafts(t, page(t, 1))...)
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{at[0].File + ".open"}) {
		t.Error(got)
	}
	if !regexp.MustCompile(`^paper-\d{17}-00001\.warc\.gz$`).MatchString(at[0].File) {
		t.Error(at[0].File)
	}
	path, _ := closeOne(t, w)
	if got := names(t, dir); !slices.Equal(got, []string{at[0].File}) || filepath.Base(path) != at[0].File {
		t.Error(got, path)
	}
	if _, err := w.Write(drafts(t, page(t, 1))...); !errors.Is(err, ErrClosed) {
		t.Errorf("Write after Close: %v", err)
	}
	if err := w.Sync(); !errors.Is(err, ErrClosed) {
		t.Errorf("Sync after Close: %v", err)
	}
	if again, err := w.Close(); err != nil || len(again) != 1 {
		t.Errorf("second Close: %v, %v", again, err)
	}
}

func TestNamesAreNeverTakenTwice(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for range 4 {
		w := newWriter(t, WriterOptions{Dir: dir, MaxSize: 1})
		w.now = func() time.Time { return testDate }
		for i := range 3 {
			write(t, w, drafts(t, page(t, i))...)
		}
		paths, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			seen[p] = true
		}
	}
	if len(seen) != 12 || len(names(t, dir)) != 12 {
		t.Errorf("%d names, %d files", len(seen), len(names(t, dir)))
	}
}

func TestFilesAreSealedBySize(t *testing.T) {
	dir := t.TempDir()
	var sealed []string
	w := newWriter(t, WriterOptions{Dir: dir, MaxSize: 4000, Sealed: func(p string) { sealed = append(sealed, p) }})
	const pages = 20
	files := map[string]int{}
	for i := range pages {
		at := write(t, w, drafts(t, page(t, i))...)
		for _, p := range at {
			if p.File != at[0].File {
				t.Error("the records of one Write stand in two files")
			}
			files[p.File]++
		}
	}
	paths, err := w.Close()
	if err != nil || !slices.Equal(paths, sealed) || len(paths) < 3 || len(files) != len(paths) {
		t.Fatalf("%v, %v, %v", paths, sealed, err)
	}
	infos := map[string]bool{}
	total := 0
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		got := scan(b)
		if got.err != nil || got.records[0].Type != Warcinfo {
			t.Fatalf("%s: %v", p, got.err)
		}
		infos[got.records[0].ID] = true
		for _, rec := range got.records[1:] {
			if rec.Get("WARC-Warcinfo-ID") != "<"+got.records[0].ID+">" {
				t.Errorf("%s: a record names the warcinfo of another file", p)
			}
		}
		total += len(got.records) - 1
	}
	if total != 3*pages || len(infos) != len(paths) {
		t.Errorf("%d records, %d warcinfo records", total, len(infos))
	}
}

func TestManyWritersAtOnce(t *testing.T) {
	w := newWriter(t, WriterOptions{MaxSize: 20_000})
	var mu sync.Mutex
	type key struct {
		file   string
		offset int64
	}
	acked := map[key]string{}
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 25 {
				x := page(t, g*1000+i)
				ds := drafts(t, x)
				at, err := w.Write(ds...)
				if err != nil {
					t.Error(err)
					return
				}
				if at[1].Offset != at[0].Offset+at[0].Length || at[2].Offset != at[1].Offset+at[1].Length {
					t.Errorf("the records of one Write do not stand together: %+v", at)
				}
				if i%10 == 0 {
					if err := w.Sync(); err != nil {
						t.Error(err)
					}
				}
				mu.Lock()
				for i, p := range at {
					acked[key{p.File, p.Offset}] = ds[i].ID
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	paths, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		got := scan(b)
		if got.err != nil {
			t.Fatal(got.err)
		}
		for _, rec := range got.records[1:] {
			if acked[key{filepath.Base(p), rec.Offset}] != rec.ID {
				t.Errorf("%s at %d is not what was acknowledged", rec.ID, rec.Offset)
			}
			read++
		}
	}
	if read != len(acked) || read != 8*25*3 {
		t.Errorf("%d acknowledged, %d read", len(acked), read)
	}
}

func TestNewWriterRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, o := range map[string]WriterOptions{
		"a folder that is not there":     {Dir: filepath.Join(dir, "x"), Prefix: "p"},
		"a file as folder":               {Dir: inDir(t, "f", nil), Prefix: "p"},
		"no prefix":                      {Dir: dir},
		"a prefix that leads elsewhere":  {Dir: dir, Prefix: "../p"},
		"a prefix that hides the file":   {Dir: dir, Prefix: ".p"},
		"warcinfo with an injected line": {Dir: dir, Prefix: "p", Info: []Field{{"a", "b\r\nc: d"}}},
	} {
		if _, err := NewWriter(o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestWriteRefusesWhatAHeaderCannotHold(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	for name, spoil := range map[string]func(*Draft){
		"a line end in a value":     func(d *Draft) { d.Fields = append(d.Fields, Field{"X-A", "b\nWARC-Type: response"}) },
		"a name that is none":       func(d *Draft) { d.Fields = append(d.Fields, Field{"X A", "b"}) },
		"an empty name":             func(d *Draft) { d.Fields = append(d.Fields, Field{"", "b"}) },
		"a second Content-Length":   func(d *Draft) { d.Fields = append(d.Fields, Field{"content-length", "7"}) },
		"a second record ID":        func(d *Draft) { d.Fields = append(d.Fields, Field{"WARC-Record-ID", "<a:b>"}) },
		"an ID with a line end":     func(d *Draft) { d.ID += "\r\n" },
		"no block":                  func(d *Draft) { d.Block = nil },
		"a block shorter than said": func(d *Draft) { d.Block = liar{d.Block} },
	} {
		ds := drafts(t, page(t, 1))
		spoil(ds[1])
		if at, err := w.Write(ds...); err == nil || at != nil {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := w.Write(nil); err == nil {
		t.Error("nil was written")
	}
	write(t, w, drafts(t, page(t, 2))...)
	if _, b := closeOne(t, w); len(scan(b).records) != 4 || scan(b).err != nil {
		t.Errorf("refused records left something behind: %+v", scan(b))
	}
}

// liar is a block that has one byte less than it says.
type liar struct{ Block }

func (l liar) Size() int64 { return l.Block.Size() + 1 }

// pattern is a block of any size that takes no memory.
type pattern int64

func (p pattern) Size() int64 { return int64(p) }
func (p pattern) ReadAt(b []byte, off int64) (int, error) {
	n := int(min(int64(len(b)), int64(p)-off))
	for i := range b[:n] {
		b[i] = byte((off + int64(i)) >> 3)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func TestHugeBlocksStream(t *testing.T) {
	const size = 96 << 20
	w := newWriter(t, WriterOptions{})
	head := "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
	x := page(t, 1)
	x.Header.Set("Content-Type", "video/mp4")
	d, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	big := pattern(size)
	d.Block = big
	if d.Fields[len(d.Fields)-1].Name != "WARC-Block-Digest" {
		t.Fatal(head, d.Fields)
	}
	d.Fields = d.Fields[:len(d.Fields)-1]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	at := write(t, w, d)
	paths, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := ReadAt(f, at[0].Offset, at[0].Length)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, rec.Block)
	if err != nil || n != size {
		t.Fatalf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("writing and reading %d bytes allocated %d", size, used)
	}
}

func ExampleWriter() {
	dir, err := os.MkdirTemp("", "warc")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	w, err := NewWriter(WriterOptions{Dir: dir, Prefix: "example", Info: []Field{{"operator", "The Archive"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := NewResource("urn:example:note", "text/plain", time.Now(), strings.NewReader("kept"))
	if err != nil {
		fmt.Println(err)
		return
	}
	at, err := w.Write(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	paths, err := w.Close()
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := os.Open(paths[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	rec, err := ReadAt(f, at[0].Offset, at[0].Length)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(rec.Block)
	fmt.Println(rec.Type, rec.TargetURI, string(text), err)
	// Output: resource urn:example:note kept <nil>
}
