package page

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tearsheet/archive/photo"
	"tearsheet/archive/photo/creditline"
)

// description is what a page tells machines about one picture, apart from the element that shows it: a node of JSON-LD, a property for link
// previews, an object of the page's state. It belongs to the picture whose URL it names.
type description struct {
	urls []string // as written
	said []photo.Statement
}

// bind gives every description to the picture that it is about.
func (s *selection) bind(chosen []*picture) {
	if len(chosen) == 0 {
		return
	}
	owners := map[string]*picture{}
	for _, p := range chosen {
		for i := range p.renditions {
			if id := p.renditions[i].identity(); owners[id] == nil {
				owners[id] = p
			}
		}
	}
	s.described = map[*picture][]photo.Statement{}
	for _, d := range slices.Concat(s.r.linked.describe(), s.r.preview, s.r.stateDescriptions()) {
		if p := s.owner(owners, d.urls); p != nil && len(s.described[p]) < maxStatements {
			s.described[p] = append(s.described[p], d.said...)
		}
	}
}

// owner gives the picture that all the URLs are renditions of; nil when there is none, or when they are of several.
func (s *selection) owner(owners map[string]*picture, urls []string) *picture {
	var found *picture
	for _, ref := range urls {
		u, ok := s.r.res.resolve(ref)
		if !ok {
			continue
		}
		p := owners[identity(u)]
		if p == nil {
			continue
		}
		if found != nil && p != found {
			return nil
		}
		found = p
	}
	return found
}

// step is one step of the way to a value in JSON.
type step struct {
	up  *step
	key string
}

func (s *step) at(key string) *step { return &step{s, key} }

// pointer gives the way as a JSON pointer (RFC 6901).
func (s *step) pointer() string {
	if s == nil {
		return ""
	}
	return s.up.pointer() + "/" + pointerEscapes.Replace(s.key)
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// describe gives what the JSON-LD of a page says of the pictures that it names. Locators are "ld+json[n]" with n the number of the block
// among those that could be read, from 0, and a JSON pointer into it.
func (l *linkedData) describe() []description {
	var all []description
	for i, root := range l.roots {
		l.describeIn(root, (*step)(nil).at("ld+json["+strconv.Itoa(i)+"]"), 0, &all)
	}
	return all
}

func (l *linkedData) describeIn(v any, at *step, depth int, all *[]description) {
	if depth > maxJSONDepth || len(*all) >= maxPictures {
		return
	}
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			l.describeIn(e, at.at(strconv.Itoa(i)), depth+1, all)
		}
	case map[string]any:
		if isImageObject(v) {
			if d := l.describePicture(v, at); len(d.urls) > 0 && len(d.said) > 0 {
				*all = append(*all, d)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch v[key].(type) {
			case []any, map[string]any:
				l.describeIn(v[key], at.at(key), depth+1, all)
			}
		}
	}
}

// describePicture reads an ImageObject of schema.org.
func (l *linkedData) describePicture(node map[string]any, at *step) description {
	var d description
	for _, key := range [...]string{"contentUrl", "url", "@id", "thumbnailUrl"} {
		if u := idOf(node[key]); isReference(u) && (key != "@id" || hasImageExtension(u)) {
			d.urls = append(d.urls, u)
		}
	}
	for _, f := range [...]struct {
		key      string
		property photo.Property
	}{
		{"creditText", photo.CreditLine}, {"creator", photo.Creator}, {"author", photo.Creator}, {"copyrightHolder", photo.CopyrightHolder},
		{"copyrightNotice", photo.Copyright}, {"sourceOrganization", photo.Source}, {"provider", photo.Supplier},
		{"license", photo.WebStatement}, {"acquireLicensePage", photo.LicensorURL}, {"digitalSourceType", photo.DigitalSourceType},
		{"headline", photo.Headline}, {"caption", photo.Caption}, {"description", photo.Caption},
	} {
		if node[f.key] == nil {
			continue
		}
		for i, value := range l.graph.names(node[f.key], 0) {
			value = plainText(value)
			if value == "" || len(value) > maxURL {
				continue
			}
			where := at.at(f.key)
			if _, isList := node[f.key].([]any); isList {
				where = where.at(strconv.Itoa(i))
			}
			d.add(f.property, value, photo.PageJSONLD, strings.TrimPrefix(where.pointer(), "/"))
		}
	}
	return d
}

// add adds a statement, and for a caption that ends in a credit one of that.
func (d *description) add(property photo.Property, value string, kind photo.Kind, locator string) {
	d.said = append(d.said, photo.Statement{Property: property, Value: value, Kind: kind, Locator: locator})
	if property != photo.Caption && property != photo.Alt {
		return
	}
	if _, credit := creditline.Split(value); credit != "" {
		d.said = append(d.said, photo.Statement{Property: photo.CreditLine, Value: credit, Kind: kind, Locator: locator})
	}
}
