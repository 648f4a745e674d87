package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tearsheet/archive"
	"tearsheet/crawler/crawlertest"
	"tearsheet/crawler/crawlertest/darkroom"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tearsheet": main})
}

// update is the flag -update: golden files in the scripts are written again.
var update = flag.Bool("update", false, "write the golden files of the scripts again")

// TestScript runs testdata/script/*.txt: each is what a person types and sees.
func TestScript(t *testing.T) { testscript.Run(t, scriptParams("testdata/script")) }

// scriptParams are what all scripts have.
func scriptParams(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LOOPBACK", "--allow-private=127.0.0.0/8")
			e.Values[arrivalsKey{}] = make(arrivals, 16)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"paper":       cmdPaper,
			"tls-paper":   cmdTLSPaper,
			"arrives":     cmdArrives,
			"exits":       cmdExits,
			"flip":        cmdFlip,
			"warcinfo":    cmdWarcinfo,
			"run-of":      cmdRunOf,
			"old-warc":    cmdOldWARC,
			"develop":     cmdDevelop,
			"mode":        cmdMode,
			"signed-wacz": cmdSignedWACZ,
			"ages":        cmdAges,
		},
	}
}

// arrivals tells of requests for the page that never answers.
type arrivals chan struct{}

// arrivalsKey is where a script keeps its arrivals.
type arrivalsKey struct{}

// cmdPaper (usage: paper) serves the Harbour Courier and sets
//
//	PAPER, PAPER_ADDR    its origin, and HOST:PORT
//	ARTICLE, ARTICLE2    two articles that can be captured whole
//	PHOTO                a photograph of the second
//	HANGING              a page that never answers
//	AWKWARD              the paper's awkward corner
func cmdPaper(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "paper")
	paper := start(ts, crawlertest.Options{Articles: 6})
	arrived := ts.Value(arrivalsKey{}).(arrivals)
	paper.Handle("/hanging", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	articles := whole(paper)
	for name, value := range map[string]string{
		"PAPER":      paper.URL,
		"PAPER_ADDR": strings.TrimPrefix(paper.URL, "http://"),
		"AWKWARD":    strings.TrimSuffix(paper.URL+crawlertest.AwkwardPrefix, "/"),
		"HANGING":    paper.URL + "/hanging",
		"ARTICLE":    articles[0].URL,
		"ARTICLE2":   articles[1].URL,
		"PHOTO":      articles[1].Photographs[0].URL,
	} {
		ts.Setenv(name, value)
	}
}

// cmdTLSPaper (usage: tls-paper) serves the paper with a certificate that nobody vouches for and sets TLS_ARTICLE.
func cmdTLSPaper(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "tls-paper")
	ts.Setenv("TLS_ARTICLE", whole(start(ts, crawlertest.Options{Articles: 2, TLS: true}))[0].URL)
}

func start(ts *testscript.TestScript, o crawlertest.Options) *crawlertest.Newspaper {
	paper, err := crawlertest.Start(context.Background(), o)
	ts.Check(err)
	ts.Defer(paper.Close)
	return paper
}

// whole lists the articles that have a photograph and no paywall.
func whole(paper *crawlertest.Newspaper) []crawlertest.Article {
	return slices.DeleteFunc(paper.Articles(), func(a crawlertest.Article) bool { return a.Paywalled || len(a.Photographs) == 0 })
}

// arrivalLimit ends a script whose program has died; it decides nothing else.
const arrivalLimit = time.Minute

// cmdArrives (usage: arrives) waits until the page that never answers was asked for.
func cmdArrives(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "arrives")
	select {
	case <-ts.Value(arrivalsKey{}).(arrivals):
	case <-time.After(arrivalLimit):
		ts.Fatalf("nobody asked for $HANGING within %s", arrivalLimit)
	}
}

// cmdExits (usage: exits CODE PROGRAM ARGS...) runs a program that must end with that code.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%s: %v", args[1], err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdFlip (usage: flip ARCHIVE URL) flips one bit in the middle of the record that holds URL, a requisite of an archived page.
func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "flip ARCHIVE URL")
	lists, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "runs", "*", "pages", "pages.jsonl"))
	ts.Check(err)
	for _, list := range lists {
		for line := range strings.Lines(ts.ReadFile(list)) {
			var page archive.Page
			ts.Check(json.Unmarshal([]byte(line), &page))
			for _, kept := range page.Requisites {
				if kept.URL != args[1] {
					continue
				}
				name := filepath.Join(filepath.Dir(list), "..", "archive", kept.File)
				text := []byte(ts.ReadFile(name))
				text[kept.Offset+kept.Length/2] ^= 1
				ts.Check(os.WriteFile(name, text, 0o644))
				return
			}
		}
	}
	ts.Fatalf("%s holds no record of %s", args[0], args[1])
}

// cmdWarcinfo (usage: warcinfo ARCHIVE) prints the first record of the first WARC file.
func cmdWarcinfo(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "warcinfo ARCHIVE")
	f, err := os.Open(warcs(ts, args[0])[0])
	ts.Check(err)
	defer f.Close()
	zr, err := gzip.NewReader(bufio.NewReader(f))
	ts.Check(err)
	zr.Multistream(false)
	_, err = io.Copy(ts.Stdout(), zr)
	ts.Check(err)
}

// cmdRunOf (usage: run-of FILE) sets RUN to the run's id in the output of capture --json.
func cmdRunOf(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "run-of FILE")
	var result struct{ Run string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &result))
	ts.Setenv("RUN", result.Run)
}

// cmdDevelop (usage: develop FILE BYTES) writes a photograph with IIM and XMP, or only its first bytes; all of them when BYTES is 0.
func cmdDevelop(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "develop FILE BYTES")
	file, err := darkroom.Print{Scene: "harbour", Width: 64, Blocks: []darkroom.Metadata{{
		Carriers: []darkroom.Carrier{darkroom.IIM, darkroom.XMP}, Creators: []string{"Zoë Müller"}, Credit: "AFP/Getty Images",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
	}}}.Make()
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	if n > 0 {
		file = file[:n]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file, 0o644))
}

// cmdAges (usage: ages FOLDER LONG) makes all files below a folder that much older than they are.
func cmdAges(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "ages FOLDER LONG")
	age, err := time.ParseDuration(args[1])
	ts.Check(err)
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chtimes(path, time.Time{}, info.ModTime().Add(-age))
	}))
}

// warcs lists the WARC files of an archive's committed runs.
func warcs(ts *testscript.TestScript, archive string) []string {
	names, err := filepath.Glob(filepath.Join(ts.MkAbs(archive), "runs", "*", "archive", "*.warc.gz"))
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("%s holds no WARC file", archive)
	}
	return names
}

func usage(ts *testscript.TestScript, neg bool, args []string, want int, text string) {
	if neg || len(args) != want {
		ts.Fatalf("usage: %s", text)
	}
}
