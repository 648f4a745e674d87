package crawler

import (
	"net/url"
	"testing"
)

func TestLeadsHome(t *testing.T) {
	for _, c := range []struct {
		name, asked, final string
		want               bool
	}{
		{"an article led to the home page", "https://n.example/2026/a", "https://n.example/", true},
		{"with www", "https://n.example/2026/a", "https://www.n.example/index.html", true},
		{"the home page led to itself", "http://n.example/", "https://n.example/", false},
		{"another site's home page", "https://t.example/x", "https://n.example/", false},
		{"another article", "https://n.example/a", "https://n.example/b", false},
		{"a home page with a query may be an article", "https://n.example/a", "https://n.example/?p=12", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			final, err := url.Parse(c.final)
			if err != nil {
				t.Fatal(err)
			}
			if got := leadsHome(c.asked, final); got != c.want {
				t.Errorf("leadsHome(%s, %s) = %v", c.asked, c.final, got)
			}
		})
	}
}
