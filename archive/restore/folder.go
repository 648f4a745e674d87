package restore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/page"
)

const (
	documentName = "index.html"
	filesDir     = "files"
	reportName   = "report.json"

	// maxText bounds the HTML documents and style sheets that are rewritten, in bytes; their bytes are held in memory.
	maxText = 64 << 20
	// maxAsset bounds the decoded bytes of a file: what a content coding can make of a small record.
	maxAsset = 4 << 30
)

// FolderOptions say how Folder restores. The zero value uses only what was captured with the page.
type FolderOptions struct {
	// MaxDrift lets what was not captured with the page be taken from other captures that are at most so far away in time.
	MaxDrift time.Duration
	// Asked is the address that somebody asked for, which the report then tells with how the page answers to it.
	Asked string
}

// Folder gives a page back as a folder: index.html, files/ and report.json. dir must not exist, or be empty; nothing is left in it when Folder
// fails as a whole. Open index.html in any browser: it shows the page with its pictures, and asks the network for nothing.
//
// When the bytes of a requisite are not what they were, everything else is restored, the requisite is listed as missing, and the error wraps
// archive.ErrFixity beside the report. A page that has no captured document is ErrNothing.
func Folder(ctx context.Context, a *archive.Archive, ref archive.PageRef, dir string, o FolderOptions) (*Report, error) {
	if ref.Page.Capture == nil || !arrived(*ref.Page.Capture) {
		return nil, fmt.Errorf("restore %s: %w: its verdict is %s, and no document was captured", ref.Page.URL, ErrNothing, ref.Page.Verdict)
	}
	temp, err := newFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("restore %s: %w", ref.Page.URL, err)
	}
	f := &folder{captures: newCaptures(ctx, a, ref, o.MaxDrift), dir: temp, asked: o.Asked}
	report, damaged, err := f.restore()
	if err == nil {
		err = os.Rename(temp, dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("restore %s: %w", ref.Page.URL, err), os.RemoveAll(temp))
	}
	if damaged != nil {
		return report, fmt.Errorf("restore %s to %s: parts of it are missing: %w", ref.Page.URL, dir, damaged)
	}
	return report, nil
}

// newFolder makes the folder that is to become dir, beside it.
func newFolder(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return "", fmt.Errorf("%w in %s: name another folder", ErrNotEmpty, dir)
	case err == nil:
		if err := os.Remove(dir); err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(parent, ".restoring-*")
	if err != nil {
		return "", err
	}
	return temp, errors.Join(os.Chmod(temp, 0o755), os.Mkdir(filepath.Join(temp, filesDir), 0o755))
}

type folder struct {
	*captures
	dir   string
	asked string
	files []File
}

func (f *folder) match() archive.Match {
	if f.asked == "" {
		return ""
	}
	return f.ref.Page.Match(f.asked)
}

// restore writes everything. damaged is what could not be given back because its bytes are not what they were.
func (f *folder) restore() (report *Report, damaged, err error) {
	p := f.ref.Page
	capture := &asset{url: p.Capture.URL, kind: page.KindFrame, name: documentName, kept: *p.Capture,
		run: f.ref.RunID}
	if !isHTML(p.Capture.MIME) && p.Capture.MIME != "" {
		capture.kind, capture.name = page.KindOther, "document"+extensionOf(page.KindOther, p.Capture.MIME)
	}
	document, err := f.write(capture, capture.name, filesDir+"/")
	if err != nil {
		return nil, nil, err
	}
	// Style sheets and frames add to the queue while it is worked off.
	for len(f.queue) > 0 {
		a := f.queue[0]
		f.queue = f.queue[1:]
		name := filesDir + "/" + a.name
		file, err := f.write(a, name, "")
		switch {
		case f.ctx.Err() != nil:
			return nil, nil, f.ctx.Err()
		case err == nil:
			f.files = append(f.files, file)
			continue
		case errors.Is(err, errLocal):
			return nil, nil, err
		}
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		if errors.Is(err, archive.ErrFixity) {
			damaged = errors.Join(damaged, err)
		}
		f.miss(a.url, a.kind, err.Error())
	}
	if f.err != nil {
		damaged = errors.Join(damaged, f.err)
	}
	report = &Report{
		Asked: f.asked, Match: f.match(), URL: p.URL, Final: p.Final, Title: p.Title, Captured: p.Time.UTC(), Verdict: p.Verdict, Reasons: p.Reasons, RunID: f.ref.RunID,
		PageID: p.ID, Document: document, Files: f.files, Missing: make([]Missing, 0, len(f.missing)),
	}
	for _, m := range f.missing {
		report.Missing = append(report.Missing, m)
	}
	report.sorted()
	text, err := report.encode()
	if err == nil {
		err = os.WriteFile(filepath.Join(f.dir, reportName), text, 0o644)
	}
	return report, damaged, err
}

// errLocal marks errors of writing: those of reading concern one requisite only.
var errLocal = errors.New("write the restored page")

// write restores one asset to a file. toFiles leads from that file's folder to the files.
func (f *folder) write(a *asset, name, toFiles string) (File, error) {
	limit := int64(maxAsset)
	rewrite := a.kind == page.KindStyle || a.kind == page.KindFrame
	if rewrite {
		limit = maxText
	}
	doc, err := openDocument(f.ctx, f.archive, a.run, a.kept, limit)
	if err != nil {
		return File{}, err
	}
	if doc.encoded {
		if name != a.name { // a picture or style sheet: nobody could use it
			return File{}, errors.Join(errors.New(doc.note), doc.Close())
		}
		rewrite, name = false, "document"+extensionOf(page.KindOther, "")
	}
	file := File{
		Path: name, URL: a.url, Kind: a.kind, MIME: doc.mime, RunID: a.run, Record: a.kept.Record, Digest: a.kept.Digest,
		Captured: a.kept.Time.UTC(), Drift: a.kept.Time.Sub(f.ref.Page.Time).Seconds(), Rewritten: rewrite,
	}
	if rewrite {
		file.Bytes, err = f.writeText(doc, a, name, toFiles)
	} else {
		file.Bytes, err = copyTo(filepath.Join(f.dir, filepath.FromSlash(name)), doc)
	}
	file.Note = doc.note
	return file, errors.Join(err, doc.Close())
}

func (f *folder) writeText(doc *document, a *asset, name, toFiles string) (int64, error) {
	text, err := io.ReadAll(doc)
	if err != nil {
		return 0, err
	}
	text, _ = page.UTF8(text, doc.mime)
	shelf := folderShelf{f.captures, toFiles}
	if a.kind == page.KindStyle {
		m := &markup{shelf: shelf, base: a.kept.URL}
		text = rewriteStyle(text, m.styleRef)
	} else {
		text = rewriteDocument(text, a.kept.URL, shelf)
	}
	if err := os.WriteFile(filepath.Join(f.dir, filepath.FromSlash(name)), text, 0o644); err != nil {
		return 0, fmt.Errorf("%w: %w", errLocal, err)
	}
	return int64(len(text)), nil
}

func copyTo(name string, r io.Reader) (int64, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errLocal, err)
	}
	w := &localWriter{w: file}
	n, err := io.Copy(w, r)
	if closeErr := file.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("%w: %w", errLocal, closeErr)
	}
	return n, err
}

// localWriter marks what it cannot write.
type localWriter struct{ w io.Writer }

func (l *localWriter) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	if err != nil {
		err = fmt.Errorf("%w: %w", errLocal, err)
	}
	return n, err
}
