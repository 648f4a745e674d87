package archive

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"tearsheet/archive/store"
)

// Resource is one file of a run.
type Resource struct {
	Name string `json:"name"` // see NewResources; what counts is the path
	Object
	Stored *store.Facts `json:"stored,omitempty"` // what the store said of the object when the run was committed; nil of a folder
}

// resourceName is what a resource may be named: in small letters, and no other than these ASCII characters.
var resourceName = regexp.MustCompile(`^[-a-z0-9._]+$`)

// NewResources names files as a Frictionless data package wants its resources named: each as the last element of its path, in small letters, with _
// for characters that a name may not have, and with a number before it where another has that name (Data Resource v1, "name"; programs that
// validate a WACZ refuse others, and files of other tools have names of all kinds).
func NewResources(files []Object) []Resource {
	resources := make([]Resource, len(files))
	taken := make(map[string]bool, len(files))
	for i, f := range files {
		base := strings.Map(func(c rune) rune {
			switch {
			case c >= 'A' && c <= 'Z':
				return c + ('a' - 'A')
			case c < 0x80 && resourceName.MatchString(string(c)):
				return c
			}
			return '_'
		}, path.Base(f.Path))
		name := base
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%d-%s", n, base)
		}
		taken[name] = true
		resources[i] = Resource{Name: name, Object: f}
	}
	return resources
}
