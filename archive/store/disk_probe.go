package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// ProbeWork finds out what the file system of a folder really does of all that writing runs in it relies on; what is checked is named "work: …".
// objects is the folder in which the runs' files will be objects, "" when they go to a bucket or it does not exist yet. Below each a folder
// doctor-… is made and removed.
func ProbeWork(dir, objects string) []Finding {
	p := &diskProbe{dir: dir, prefix: "work: "}
	done, ok := p.begin()
	if !ok {
		return p.found
	}
	defer done()
	p.sync()
	p.locks()
	if objects != "" {
		p.handOver(objects)
	}
	return p.found
}

// Probe finds out what the file system of the folder really does of all that an archive relies on. It makes a folder doctor-… and removes it.
func (f *Folder) Probe(ctx context.Context) []Finding {
	p := &diskProbe{dir: f.dir}
	done, ok := p.begin()
	if !ok {
		return p.found
	}
	defer done()
	p.clock()
	p.sync()
	if p.links() {
		p.conditions(ctx, f)
		p.readBack(ctx, f)
	}
	return p.found
}

// diskProbe is a probe of a local folder under way.
type diskProbe struct {
	dir    string
	prefix string // of the findings' names
	own    string // the folder doctor-… in dir
	found  []Finding
}

func (p *diskProbe) tell(name string, g Grade, found, means string) {
	p.found = append(p.found, Finding{p.prefix + name, g, found, means})
}

func (p *diskProbe) failed(name string, err error) { p.tell(name, Unknown, err.Error(), "") }

// begin makes the folder of the probe, with a file in it, and gives what removes it. It reports whether it could.
func (p *diskProbe) begin() (done func(), ok bool) {
	p.own = filepath.Join(p.dir, "doctor-"+strings.ToLower(rand.Text()[:10]))
	err := os.Mkdir(p.own, 0o700)
	if err == nil {
		if err = os.WriteFile(p.file("written"), []byte("written"), 0o600); err != nil {
			p.remove(p.own)
		}
	}
	if err == nil {
		p.tell("write", Good, "allowed in "+p.dir, "")
		return func() { p.remove(p.own) }, true
	}
	switch told := writeError(p.dir, err); {
	case errors.Is(err, fs.ErrNotExist):
		p.tell("write", Fault, "no folder can be made in "+p.dir, "nothing can be captured")
	case errors.Is(told, ErrReadOnly) && p.prefix == "":
		p.tell("write", Warning, told.Error(), "the archive can be read by this user and not be added to; what follows could not be tried")
	default:
		p.tell("write", Fault, told.Error(), "nothing can be captured")
	}
	return nil, false
}

func (p *diskProbe) file(name string) string { return filepath.Join(p.own, name) }

func (p *diskProbe) remove(dir string) {
	if err := os.RemoveAll(dir); err != nil {
		p.tell("tidying up", Warning, err.Error(), "remove "+dir+" by hand")
	}
}

// slowSync is the duration from which it is worth telling that whoever captures waits for the disk: each group of pages waits once.
const slowSync = time.Second

// sync makes a file and its folder durable, as every commit does.
func (p *diskProbe) sync() {
	const name = "fsync"
	start := time.Now()
	err := p.syncFile()
	took := time.Since(start).Round(10 * time.Microsecond)
	switch {
	case errors.Is(err, syscall.EINVAL), errors.Is(err, errors.ErrUnsupported):
		p.tell(name, Warning, "the file system has none for folders", "what was committed may lack its name after a power failure")
	case err != nil:
		p.tell(name, Fault, err.Error(), "nothing can be made durable")
	case took >= slowSync:
		p.tell(name, Warning, fmt.Sprintf("a file and its folder take %v", took), "captures wait that long for the disk, again and again")
	default:
		p.tell(name, Good, fmt.Sprintf("a file and its folder take %v", took), "")
	}
}

func (p *diskProbe) syncFile() error {
	f, err := os.OpenFile(p.file("written"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(p.own)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// locks tries to take a lock that is taken: a program that takes it all the same would recover a run that another is writing.
func (p *diskProbe) locks() {
	const name = "locks"
	first, second := flock.New(p.file("lock")), flock.New(p.file("lock"))
	defer func() {
		if err := errors.Join(second.Close(), first.Close()); err != nil {
			p.failed(name, err)
		}
	}()
	_, err := first.TryLock()
	taken := false
	if err == nil {
		taken, err = second.TryLock()
	}
	switch {
	case err != nil:
		p.tell(name, Fault, err.Error(), "runs cannot be written here: choose a folder on a local disk with work: in the configuration file")
	case taken:
		p.tell(name, Fault, "ignored: a lock was given twice", "two programs could write one run: choose a folder on a local disk with work: in the configuration file")
	default:
		p.tell(name, Good, "honoured: a lock that is taken is not given again", "")
	}
}

// handOver links a file of the work folder into the folder where it will be an object.
func (p *diskProbe) handOver(objects string) {
	const name = "hand over"
	to := filepath.Join(objects, filepath.Base(p.own)+"-link")
	err := os.Link(p.file("written"), to)
	if err == nil {
		p.remove(to)
	}
	switch {
	case err == nil:
		p.tell(name, Good, "finished files become objects by hard links", "")
	case errors.Is(err, syscall.EXDEV):
		p.tell(name, Warning, "the archive is on another file system", "finished files are copied, and for that time take their space twice")
	default:
		p.tell(name, Warning, "a file cannot be linked into the archive: "+cause(err).Error(), "finished files are copied, and for that time take their space twice")
	}
}

// links makes a second name for a file, and then once more, which must fail.
func (p *diskProbe) links() bool {
	const name = "hard links"
	err := os.Link(p.file("written"), p.file("linked"))
	if err != nil {
		p.tell(name, Fault, linkError(p.dir, err).Error(), "nothing can be archived here")
		return false
	}
	if err := os.Link(p.file("written"), p.file("linked")); !errors.Is(err, fs.ErrExist) {
		p.tell(name, Fault, fmt.Sprintf("a name that is taken is given again (%v)", err), "two writers could destroy each other's log: choose another file system")
		return false
	}
	p.tell(name, Good, "made, and no name is given twice", "")
	return true
}

func (p *diskProbe) key(name string) string { return path.Join(filepath.Base(p.own), name) }

// conditions has eight writers create one object at once, each through a Folder of its own, as processes do.
func (p *diskProbe) conditions(ctx context.Context, f *Folder) {
	const name, writers = "conditional create", 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, odd := 0, error(nil)
	for i := range writers {
		wg.Go(func() {
			own, err := OpenFolder(f.dir, false)
			if err == nil {
				_, err = own.Create(ctx, p.key("raced"), strings.NewReader(fmt.Sprint(i)))
				err = errors.Join(err, own.Close())
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, ErrExist) {
				odd = err
			}
		})
	}
	wg.Wait()
	switch {
	case odd != nil:
		p.tell(name, Fault, odd.Error(), "nothing can be archived here")
	case won != 1:
		p.tell(name, Fault, fmt.Sprintf("of %d writers %d won", writers, won), "two writers could destroy each other's log: choose another file system")
	default:
		p.tell(name, Good, fmt.Sprintf("of %d writers one won", writers), "")
	}
}

// readBack reads a stretch of an object.
func (p *diskProbe) readBack(ctx context.Context, f *Folder) {
	const name = "ranges"
	_, err := f.Create(ctx, p.key("read"), strings.NewReader("0123456789"))
	var rc io.ReadCloser
	if err == nil {
		rc, err = f.Open(ctx, p.key("read"), 3, 4)
	}
	if err != nil {
		p.failed(name, err)
		return
	}
	got, err := io.ReadAll(rc)
	if err = errors.Join(err, rc.Close()); err != nil || string(got) != "3456" {
		p.tell(name, Fault, fmt.Sprintf("%q was read in place of what was stored (%v)", got, err), "no record can be read")
		return
	}
	p.tell(name, Good, "read as stored", "")
}

// clock compares the clocks by the time that the file system gives to a file: that of a network share has its own.
func (p *diskProbe) clock() {
	fi, err := os.Stat(p.file("written"))
	if err != nil {
		p.failed("clock", err)
		return
	}
	off := time.Until(fi.ModTime()).Abs().Truncate(time.Second)
	const means = "times in the archive are this machine's: set its clock (NTP), if it is the one that is wrong"
	switch {
	case off > 5*time.Minute:
		p.tell("clock", Fault, fmt.Sprintf("that of the file system differs by %s", off), means)
	case off > 5*time.Second:
		p.tell("clock", Warning, fmt.Sprintf("that of the file system differs by %s", off), means)
	default:
		p.tell("clock", Good, "differs from that of the file system by less than five seconds", "")
	}
}
