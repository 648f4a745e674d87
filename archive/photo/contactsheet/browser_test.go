package contactsheet

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// looks is a folder where the browser's pictures stay, so that a person can look at them.
var looks = flag.String("looks", "", "leave the sheet and what the browser shows of it in this `folder`")

// browser is a headless Chromium with scripts off whose every request ends at a proxy that notes it and answers nothing.
type browser struct {
	program string
	dir     string
	proxy   *httptest.Server

	mu    sync.Mutex
	asked []string // hosts
}

// browserLimit ends a browser that hangs; it decides nothing else.
const browserLimit = time.Minute

func newBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{dir: t.TempDir()}
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			b.program = path
			break
		}
	}
	if b.program == "" {
		t.Skipf("no browser looked at the contact sheet: none of %s is in PATH", strings.Join(names, ", "))
	}
	b.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.asked = append(b.asked, r.Host)
		http.Error(w, "the network is closed", http.StatusBadGateway)
	}))
	t.Cleanup(b.proxy.Close)
	if *looks != "" {
		b.dir = *looks
	}
	return b
}

// run lets the browser do something with the page in file.
func (b *browser) run(t *testing.T, file string, flags ...string) {
	t.Helper()
	profile := t.TempDir()
	if err := os.Mkdir(filepath.Join(profile, "Default"), 0o755); err != nil {
		t.Fatal(err)
	}
	const scriptsOff = `{"profile":{"default_content_setting_values":{"javascript":2}}}`
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(scriptsOff), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), browserLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.program, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--no-pdf-header-footer",
		"--user-data-dir=" + profile, "--proxy-server=" + b.proxy.URL, "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
	}, append(flags, "file://"+file)...)...)
	cmd.WaitDelay = 5 * time.Second // its helpers hold the pipe a little longer
	if out, err := cmd.CombinedOutput(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%s: %v\n%s", b.program, err, out)
	}
}

// page writes a page for the browser.
func (b *browser) page(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(b.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// shot gives what the browser paints of a page, in a window of width × height.
func (b *browser) shot(t *testing.T, file, name string, flags ...string) image.Image {
	t.Helper()
	out := filepath.Join(b.dir, name)
	b.run(t, file, append(flags, "--screenshot="+out, "--window-size=1400,1800")...)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// left tells of which hosts of the test, which all end in .example, something was asked. A browser also asks for things of its own.
func (b *browser) left() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.asked), func(host string) bool {
		host, _, _ = strings.Cut(host, ":")
		return !strings.HasSuffix(host, ".example")
	})
}

// pixels counts those of a colour, or nearly.
func pixels(img image.Image, c color.RGBA) int {
	near := func(a uint32, b uint8) bool { return max(int(a>>8), int(b))-min(int(a>>8), int(b)) <= 6 }
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, bl, _ := img.At(x, y).RGBA(); near(r, c.R) && near(g, c.G) && near(bl, c.B) {
				n++
			}
		}
	}
	return n
}

// The colours of the style sheet by which the test knows what was painted.
var (
	paperLight, paperDark       = color.RGBA{0xf5, 0xf3, 0xef, 255}, color.RGBA{0x17, 0x16, 0x14, 255}
	conflictLight, conflictDark = color.RGBA{0x97, 0x20, 0x1b, 255}, color.RGBA{0xff, 0xb3, 0xa8, 255}
	missingLight, missingDark   = color.RGBA{0x6f, 0x47, 0x00, 255}, color.RGBA{0xf0, 0xc7, 0x78, 255}
)

func TestBrowserShowsTheSheet(t *testing.T) {
	b := newBrowser(t)
	entries := sample(t)
	sheet := b.page(t, "sheet.html", write(t, sampleSheet(), entries).text)
	light := b.shot(t, sheet, "light.png")

	t.Run("pictures are painted", func(t *testing.T) {
		for i := range 4 { // the others have none
			if n := pixels(light, hue(i)); n < 15_000 {
				t.Errorf("%d pixels have the colour of picture %d", n, i+1)
			}
		}
	})
	t.Run("credits are painted", func(t *testing.T) {
		entries[0].Credit.Line, entries[1].Credit.Line = "Otto Halloran/QQ", "Foto: Vera Wick"
		other := b.shot(t, b.page(t, "other.html", write(t, sampleSheet(), entries).text), "other.png")
		changed := image.Rectangle{}
		for y := range light.Bounds().Max.Y {
			for x := range light.Bounds().Max.X {
				if light.At(x, y) != other.At(x, y) {
					changed = changed.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if changed.Dx() < 200 || changed.Dy() < 8 || changed.Dy() > 40 {
			t.Errorf("with other credits, %v of the sheet looks different, want one line below the first pictures", changed)
		}
	})
	t.Run("conflicts and missing credits are marked", func(t *testing.T) {
		for name, c := range map[string]color.RGBA{"a conflict": conflictLight, "a missing credit": missingLight} {
			if n := pixels(light, c); n < 500 {
				t.Errorf("%d pixels mark %s", n, name)
			}
		}
	})
	t.Run("a reader of dark pages gets a dark one", func(t *testing.T) {
		dark := b.shot(t, sheet, "dark.png", "--force-dark-mode")
		if pixels(light, paperLight) < 100_000 || pixels(dark, paperDark) < 100_000 || pixels(dark, paperLight) > 1000 {
			t.Errorf("the light sheet has %d pixels of light paper, the dark one %d of dark and %d of light paper",
				pixels(light, paperLight), pixels(dark, paperDark), pixels(dark, paperLight))
		}
		if pixels(dark, hue(0)) < 15_000 || pixels(dark, conflictDark) < 500 || pixels(dark, missingDark) < 500 {
			t.Error("pictures or marks are not to be seen on it")
		}
	})
	t.Run("on paper every statement is unfolded", func(t *testing.T) { b.testPrint(t, sheet) })
	t.Run("nothing was asked of the network", func(t *testing.T) {
		if hosts := b.left(); len(hosts) > 0 {
			t.Errorf("something was asked of %v", hosts)
		}
		b.run(t, b.page(t, "leak.html", `<img src="http://leak.example/x.png">`), "--screenshot="+filepath.Join(b.dir, "leak.png"))
		if !slices.Contains(b.left(), "leak.example") {
			t.Error("a request that was made did not reach the proxy, so that this proves nothing")
		}
	})
}

func (b *browser) testPrint(t *testing.T, sheet string) {
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not in PATH, so that the printed sheet was not read")
	}
	pdf := filepath.Join(b.dir, "sheet.pdf")
	b.run(t, sheet, "--print-to-pdf="+pdf)
	out, err := exec.CommandContext(t.Context(), reader, "-layout", pdf, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Anna Nováková/KP", "APP13/8BIM:0404/2:80", "Mira Castellanos", "filler of a camera or program", "Conflict: page and file name different makers"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the print lacks %q:\n%s", want, out)
		}
	}
}
