package main

import (
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"an https URL stays as it is", "https://www.example.com/a?b=c", "https://www.example.com/a?b=c"},
		{"http is a URL too", "http://example.com/", "http://example.com/"},
		{"white space around it is no part of it", "  https://example.com/x\n", "https://example.com/x"},
		{"a fragment is never sent", "https://example.com/x#top", "https://example.com/x"},
		{"an escaped path stays escaped", "https://example.com/a%2Fb", "https://example.com/a%2Fb"},
		{"a port stays", "https://example.com:8443/x", "https://example.com:8443/x"},
		{"a name in another script has its ASCII form, under which it is recorded", "http://bücher.example:8080/ä", "http://xn--bcher-kva.example:8080/%C3%A4"},
		{"an address is no name", "http://[::1]:8080/", "http://[::1]:8080/"},
		{"a name that DNS would not have stays", "http://a_b.example/", "http://a_b.example/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseTarget(c.raw)
			if err != nil || got != c.want {
				t.Errorf("parseTarget(%q) = %q, %v; want %q", c.raw, got, err, c.want)
			}
		})
	}
}

func TestParseTargetSaysWhatToMend(t *testing.T) {
	for _, c := range []struct{ name, raw, says string }{
		{"nothing", "  ", "empty"},
		{"a bare name gets its scheme suggested", "example.com/x", "did you mean https://example.com/x?"},
		{"a name after two slashes too", "//example.com/x", "did you mean https://example.com/x?"},
		{"a name with a port too", "localhost:8080/x", "did you mean https://localhost:8080/x?"},
		{"a dotted name with a port too", "example.com:8080", "did you mean https://example.com:8080?"},
		{"another scheme is named", "ftp://example.com/x", `"ftp" is not supported`},
		{"a scheme without slashes is named", "mailto:desk@example.com", `"mailto" is not supported`},
		{"no host", "https:///x", "names no host"},
		{"a port alone is no host", "https://:80/x", "names no host"},
		{"a broken escape", "https://example.com/%zz", "no URL"},
		{"a port beyond all ports", "https://example.com:99999/", "there is no port 99999"},
		{"port 0", "https://example.com:0/", "there is no port 0"},
		{"a password is not repeated", "https://me:secret@example.com/", "user name or password"},
		{"nor that of another scheme", "ftp://me:secret@example.com/", `"ftp" is not supported`},
		{"nor that of a URL without a scheme", "//me:secret@example.com/", "did you mean https://…@example.com/?"},
		{"nor that of a broken URL", "https://me:secret@[::1/", "is no URL"},
		{"nor that of a broken escape", "https://me%zz:secret@example.com/", "is no URL"},
		{"nor one with a slash in it", "http://me:sec/secret@example.com/", "is no URL"},
		{"nor one behind a single slash", "http:/me:secret@example.com/", "names no host"},
		{"nor one with an @ in it", "ftp://me:secret@secret@example.com/", `"ftp" is not supported`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseTarget(c.raw)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("parseTarget(%q): %v; want an error that says %q", c.raw, err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats the password: %v", err)
			}
		})
	}
}

func TestTargetsReadsLinesOfStandardInput(t *testing.T) {
	in := strings.NewReader("# today\nhttps://a.example/1\n\n  https://b.example/2  \r\n")
	got, err := targets([]string{"https://c.example/", "-"}, in)
	want := []string{"https://c.example/", "https://a.example/1", "https://b.example/2"}
	if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	_, err = targets([]string{"-"}, strings.NewReader("https://a.example/\nexample.com\n"))
	if err == nil || !strings.Contains(err.Error(), "standard input, line 2") {
		t.Errorf("a wrong line: %v; want an error that names line 2", err)
	}
	_, err = targets([]string{"-"}, strings.NewReader("\ufeffhttps://a.example/\nhttps://b.example/"+strings.Repeat("x", maxLine)))
	if codeOf(err) != codeUsage || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line without end: %v; want a usage error that names line 2", err)
	}
	if _, err = targets([]string{"-"}, strings.NewReader("# nothing\n")); codeOf(err) != codeUsage {
		t.Errorf("no URL at all: %v; want a usage error", err)
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"https://example.com/", "a.b:80", "//x", "http://u:p@h/", "https://[::1]:99999/", "h\x00st", "https://ex ample/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := parseTarget(raw)
		if err != nil {
			return
		}
		again, err := parseTarget(u)
		if err != nil || again != u {
			t.Errorf("parseTarget(%q) = %q, and of that %q, %v", raw, u, again, err)
		}
	})
}
