package page

import (
	"net/url"
	"strings"
	"testing"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct{ name, ref, want string }{
		{"an absolute URL", "https://img.example/a.jpg?w=1&h=2", "https://img.example/a.jpg?w=1&h=2"},
		{"its fragment goes", "https://img.example/a.jpg#x", "https://img.example/a.jpg"},
		{"a host alone gets its path", "https://img.example", "https://img.example/"},
		{"a host in capitals", "HTTPS://IMG.Example/A.jpg", "https://img.example/A.jpg"},
		{"the default port goes", "https://img.example:443/a.jpg", "https://img.example/a.jpg"},
		{"the scheme of the page", "//img.example/a.jpg", "https://img.example/a.jpg"},
		{"the root of the host", "/img/a.jpg", "https://news.example/img/a.jpg"},
		{"beside the page", "a.jpg", "https://news.example/2024/a.jpg"},
		{"below the page's folder", "img/a.jpg?x", "https://news.example/2024/img/a.jpg?x"},
		{"above the page's folder", "../img/./a.jpg", "https://news.example/img/a.jpg"},
		{"dot segments written with %2e", "/img/%2E%2e/a.jpg", "https://news.example/a.jpg"},
		{"a file name that begins with a dot", "/img/.hidden/a.jpg", "https://news.example/img/.hidden/a.jpg"},
		{"a query alone", "?page=2", "https://news.example/2024/story?page=2"},
		{"white space around and line ends inside", " \n/img/\ta\n.jpg ", "https://news.example/img/a.jpg"},
		{"backslashes", `\img\a.jpg`, "https://news.example/img/a.jpg"},
		{"spaces and letters beyond ASCII", "/img/süß bild.jpg", "https://news.example/img/s%C3%BC%C3%9F%20bild.jpg"},
		{"a host beyond ASCII", "https://bücher.example/a.jpg", "https://xn--bcher-kva.example/a.jpg"},
		{"commas, colons and parentheses stay", "/w_400,h_300/filters:format(jpg)/a.png", "https://news.example/w_400,h_300/filters:format(jpg)/a.png"},
		{"a URL inside a URL stays", "https://r.example/https://img.example/a.jpg", "https://r.example/https://img.example/a.jpg"},
		{"an address in numbers is made canonical", "http://0x7f.1/a", "http://127.0.0.1/a"},
		{"the page itself", "#top", ""},
		{"nothing", "  ", ""},
		{"data", "data:image/gif;base64,R0lGODlhAQABAAAAACw=", ""},
		{"javascript", "javascript:void(0)", ""},
		{"mail", "mailto:desk@news.example", ""},
		{"another scheme with slashes", "ftp://img.example/a.jpg", ""},
		{"no host", "https:///", ""},
		{"a host that cannot be", "https://exa mple/a.jpg", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := newResolver(mustURL(t, "https://news.example/2024/story")).resolve(c.ref)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("resolve(%q) = %q, %v; want %q", c.ref, got, ok, c.want)
			}
		})
	}
}

func TestResolveWithoutABaseTakesAbsoluteURLsOnly(t *testing.T) {
	r := newResolver(nil)
	if got, ok := r.resolve("https://img.example/a.jpg"); !ok || got != "https://img.example/a.jpg" {
		t.Errorf("absolute: %q, %v", got, ok)
	}
	for _, ref := range []string{"a.jpg", "/a.jpg", "//img.example/a.jpg"} {
		if got, ok := r.resolve(ref); ok {
			t.Errorf("resolve(%q) = %q", ref, got)
		}
	}
}

// The short cut must never differ from the standard's parser.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{"https://a.example/b?c", "//a.b/c", "/a/../b", "a/b", "https://a.example", "/%2e/", "http://1.2.3/", "/a//b", "https://a.example./", "x:y/z", "https://a..b/"} {
		f.Add(s)
	}
	base := "https://news.example/2024/story?x"
	at, err := url.Parse(base)
	if err != nil {
		f.Fatal(err)
	}
	r := newResolver(at)
	f.Fuzz(func(t *testing.T, ref string) {
		got, ok := r.resolve(ref)
		if !ok {
			return
		}
		u, err := whatwg.ParseRef(base, ref)
		if err != nil {
			t.Fatalf("resolve(%q) = %q, but the parser says %v", ref, got, err)
		}
		if want := u.Href(true); got != want {
			t.Errorf("resolve(%q) = %q, want %q", ref, got, want)
		}
		if strings.Contains(got, "#") {
			t.Errorf("resolve(%q) = %q has a fragment", ref, got)
		}
	})
}
