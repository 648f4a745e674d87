package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"tearsheet/archive/photo"
	"tearsheet/archive/warc"
)

// maxManifestBytes bounds what is read as a manifest. Exclusions and seeds make up most of a large one, at about 200 bytes each.
const maxManifestBytes = 256 << 20

// Outcome is how a run ended.
type Outcome string

const (
	Complete    Outcome = "complete"
	Interrupted Outcome = "interrupted" // by a signal or a time limit; what was acknowledged is in it
	RunFailed   Outcome = "failed"
	Salvaged    Outcome = "recovered" // its process died; Recover made the run whole
)

// Manifest is datapackage.json: a Frictionless data package as WACZ 1.1.1 uses it, with a section of our own. Its bytes as stored are what
// the log entry's digest covers; there is no canonical form. Further members may be added to it within a format, such as what a store
// says of each object.
type Manifest struct {
	Profile      string     `json:"profile"`      // "data-package"
	WACZVersion  string     `json:"wacz_version"` // "1.1.1"
	Title        string     `json:"title,omitempty"`
	Created      time.Time  `json:"created"`
	Software     string     `json:"software,omitempty"`
	MainPageURL  string     `json:"mainPageUrl,omitempty"` // of the first page
	MainPageDate string     `json:"mainPageDate,omitempty"`
	Resources    []Resource `json:"resources"`
	Tearsheet    Facts      `json:"tearsheet"`
}

// Facts say how a run was made and how it went.
type Facts struct {
	Format       int          `json:"format"`
	RunID        string       `json:"run_id"`
	Kind         RunKind      `json:"kind"`
	Started      time.Time    `json:"started"`
	Ended        time.Time    `json:"ended,omitzero"`
	Outcome      Outcome      `json:"outcome,omitempty"`
	Tool         Tool         `json:"tool"`
	Settings     []Setting    `json:"settings,omitempty"`
	ConfigSHA256 string       `json:"config_sha256,omitempty"`
	Seeds        []string     `json:"seeds,omitempty"`
	Counts       Counts       `json:"counts"`
	Photos       *PhotoTotals `json:"photos,omitempty"` // nil of a program that listed no photographs
	Exclusions   []Exclusion  `json:"exclusions,omitempty"`
	Imported     []Imported   `json:"imported,omitempty"` // the WARC files of other tools in it
}

// Tool identifies the program to the revision.
type Tool struct {
	Version string `json:"version,omitempty"`
	VCS     string `json:"vcs,omitempty"`
	Go      string `json:"go,omitempty"`
}

// Setting is one of RunOptions.Settings.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Exclusion is a URL that was not captured on purpose: that something is absent is evidence too.
type Exclusion struct {
	URL    string `json:"url"`
	Reason string `json:"reason"`
}

// Counts of a run.
type Counts struct {
	Pages   int `json:"pages"`
	OK      int `json:"ok"`
	Partial int `json:"partial"`
	Blocked int `json:"blocked"`
	Soft404 int `json:"soft-404"`
	Failed  int `json:"failed"`

	Exchanges int   `json:"exchanges"` // everything asked, answered or not
	Responses int   `json:"responses"`
	Revisits  int   `json:"revisits"`
	Images    int   `json:"images"` // responses and revisits of a media type image/*
	Bytes     int64 `json:"bytes"`  // of all resources, as stored
}

// PhotoTotals count the rows of photos.jsonl.
type PhotoTotals struct {
	Total      int `json:"total"`
	WithCredit int `json:"with_credit"` // page or file say who made it
	Conflicts  int `json:"conflicts"`   // page and file name different makers
}

// Count adds photographs.
func (t *PhotoTotals) Count(photos []Photo) {
	for _, p := range photos {
		t.add(p)
	}
}

func (t *PhotoTotals) add(p Photo) {
	t.Total++
	if a := p.Credit.Agreement; a != photo.None && a != "" {
		t.WithCredit++
	}
	if p.Credit.Agreement == photo.Conflict {
		t.Conflicts++
	}
}

// addExchange counts an exchange by its answer, or by the metadata where there was none. A resource, such as a host's certificates, came by none.
func (c *Counts) addExchange(k Kept) {
	if k.Type == warc.Resource {
		return
	}
	c.Exchanges++
	switch k.Type {
	case warc.Response:
		c.Responses++
	case warc.Revisit:
		c.Revisits++
	default:
		return
	}
	if strings.HasPrefix(k.MIME, "image/") {
		c.Images++
	}
}

func (c *Counts) addPage(v Verdict) {
	c.Pages++
	switch v {
	case OK:
		c.OK++
	case Partial:
		c.Partial++
	case Blocked:
		c.Blocked++
	case Soft404:
		c.Soft404++
	case Failed:
		c.Failed++
	}
}

// ParseManifest reads a datapackage.json. Members that it does not know are let pass. The error wraps ErrNewerFormat or ErrFixity.
func ParseManifest(b []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return Manifest{}, fmt.Errorf("%w: not a manifest: %w", ErrFixity, err)
	}
	if f := m.Tearsheet.Format; f > formatNumber {
		return Manifest{}, fmt.Errorf("%w: format %d, known up to %d", ErrNewerFormat, f, formatNumber)
	}
	return m, m.check()
}

// check refuses what would lead a reader out of the run's folder or leave a file unproven.
func (m Manifest) check() error {
	if m.Profile != "data-package" || m.Tearsheet.Format < 1 || !runIDForm.MatchString(m.Tearsheet.RunID) {
		return fmt.Errorf("%w: not the manifest of a run: profile %.80q, format %d, run %.80q", ErrFixity, m.Profile, m.Tearsheet.Format, m.Tearsheet.RunID)
	}
	listed := make(map[string]bool, len(m.Resources))
	for _, r := range m.Resources {
		_, digestErr := warc.ParseDigest(r.SHA256)
		switch {
		case !fs.ValidPath(r.Path) || r.Path == manifestName || r.Name != path.Base(r.Path) && !resourceName.MatchString(r.Name) || strings.ContainsRune(r.Path, '\\'):
			return fmt.Errorf("%w: the manifest lists a file %.200q named %.200q", ErrFixity, r.Path, r.Name)
		case listed[r.Path]:
			return fmt.Errorf("%w: the manifest lists %.200q twice", ErrFixity, r.Path)
		case digestErr != nil || r.Bytes < 0:
			return fmt.Errorf("%w: the manifest does not give size and digest of %.200q", ErrFixity, r.Path)
		}
		listed[r.Path] = true
	}
	return nil
}

// encode gives the bytes of the manifest as they are stored.
func (m Manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // addresses stay as people search for them
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("writing the manifest of run %s: %w", m.Tearsheet.RunID, err)
	}
	return b.Bytes(), nil
}

// Manifest reads the manifest that an entry commits, and proves it by the entry's digest. One that is missing is ErrFixity too.
func (a *Archive) Manifest(ctx context.Context, e Entry) (Manifest, error) {
	b, err := a.readObject(ctx, e.Manifest.Path, maxManifestBytes)
	if err != nil {
		return Manifest{}, lost(err)
	}
	if found := digestOf(b); found != e.Manifest.SHA256 {
		return Manifest{}, fmt.Errorf("%w: %s: expected %s, found %s", ErrFixity, e.Manifest.Path, e.Manifest.SHA256, found)
	}
	m, err := ParseManifest(b)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s in %s: %w", e.Manifest.Path, a.store, err)
	}
	if m.Tearsheet.RunID != e.RunID {
		return Manifest{}, fmt.Errorf("%w: %s is of run %s, expected %s", ErrFixity, e.Manifest.Path, m.Tearsheet.RunID, e.RunID)
	}
	return m, nil
}

// thisTool tells what is known of the running program.
func thisTool() Tool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Tool{}
	}
	t := Tool{Version: info.Main.Version, Go: info.GoVersion}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			t.VCS = s.Value + t.VCS
		case s.Key == "vcs.modified" && s.Value == "true":
			t.VCS += "+modified"
		}
	}
	return t
}
