package imagemeta

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"tearsheet/archive/photo"
)

// c2pa reads a manifest store (C2PA 2.1, chapter 11). The last manifest is the active one, which speaks of this file, and is read first; the
// others speak of what it was made from, and what they say is flagged photo.Ingredient. Signatures are not looked at: everything is
// photo.Unverified.
func (rd *reading) c2pa(s source) {
	if !rd.admits() {
		return
	}
	j := &jumbf{w: newWindow(s), count: &rd.boxes}
	var all jumbfBox
	j.boxes(&all, 0, s.size, 0)
	if rd.boxes > maxSegments {
		rd.problem("the C2PA manifests have more than %d boxes", maxSegments)
	} else if j.err != nil {
		rd.problem("the C2PA manifests: %w", j.err)
	}
	for _, store := range all.inner {
		if store.label != "c2pa" { // JUMBF has other uses
			continue
		}
		rd.meta.C2PA = true
		rd.carrier(CarrierC2PA)
		flags := []photo.Flag{photo.Unverified}
		for _, m := range slices.Backward(store.inner) {
			rd.manifest(&manifest{rd, s, m.label, flags}, m)
			flags = []photo.Flag{photo.Unverified, photo.Ingredient}
		}
	}
}

// manifest is one that is being read.
type manifest struct {
	*reading
	store source
	label string
	flags []photo.Flag
}

func (rd *reading) manifest(m *manifest, box *jumbfBox) {
	for _, b := range box.inner {
		switch {
		case b.label == "c2pa.claim", strings.HasPrefix(b.label, "c2pa.claim."):
			m.claim(b)
		case b.label == "c2pa.assertions":
			for _, a := range b.inner {
				m.assertion(a)
			}
		}
	}
}

// say adds a statement of a manifest's part.
func (m *manifest) say(p photo.Property, value, part string) {
	m.reading.say(photo.Statement{
		Property: p, Value: strings.ToValidUTF8(value, ""), Kind: photo.FileC2PA, Locator: "c2pa:" + m.label + "/" + part,
		Flags: slices.Clone(m.flags),
	})
}

// claim reads who made the claim, and what it calls the picture. The program's name is a text in claims of version 1, and with its version
// in a map, or a list of them, in version 2.
func (m *manifest) claim(b *jumbfBox) {
	var c struct {
		Generator cbor.RawMessage `cbor:"claim_generator"`
		Info      cbor.RawMessage `cbor:"claim_generator_info"`
		Title     cbor.RawMessage `cbor:"dc:title"`
	}
	if !m.decode(b, &c) {
		return
	}
	generator := cborTexts(c.Generator)
	if len(generator) == 0 {
		generator = cborTexts(c.Info)
	}
	for _, g := range generator {
		m.say(photo.ClaimGenerator, g, b.label)
	}
	for _, t := range cborTexts(c.Title) {
		m.say(photo.Title, t, b.label)
	}
}

// assertion reads one of the assertions that say something of the picture. The second one of a label is label__1.
func (m *manifest) assertion(b *jumbfBox) {
	label, _, _ := strings.Cut(b.label, "__")
	switch {
	case label == "c2pa.actions" || strings.HasPrefix(label, "c2pa.actions."):
		var a struct {
			Actions []struct {
				Source cbor.RawMessage `cbor:"digitalSourceType"`
			} `cbor:"actions"`
		}
		if !m.decode(b, &a) {
			return
		}
		said := map[string]bool{}
		for _, action := range a.Actions {
			for _, t := range cborTexts(action.Source) {
				if t = strings.TrimSpace(t); !said[t] {
					said[t] = true
					m.say(photo.DigitalSourceType, t, b.label)
				}
			}
		}
	case c2paMetadata[label] || strings.HasPrefix(label, "stds.iptc"):
		m.jsonld(b)
	}
}

// c2paMetadata are the assertions in JSON-LD. CreativeWork has schema.org's names, and was given up for the others, which have XMP's.
var c2paMetadata = map[string]bool{"stds.schema-org.CreativeWork": true, "c2pa.metadata": true, "cawg.metadata": true, "stds.exif": true}

// jsonld reads an assertion of names and values.
func (m *manifest) jsonld(b *jumbfBox) {
	var said map[string]json.RawMessage
	for _, c := range b.contents {
		if c.kind != "json" {
			continue
		}
		text := bytes.TrimRight(m.content(c), "\x00")
		if err := json.Unmarshal(text, &said); err != nil {
			m.problem("the C2PA assertion %s: %w", b.label, err)
			return
		}
	}
	for _, f := range jsonldFields {
		for _, value := range jsonTexts(said[f.name]) {
			m.say(f.property, value, b.label+"/"+f.name)
		}
	}
}

var jsonldFields = []struct {
	name     string
	property photo.Property
}{
	{"author", photo.Creator}, {"creator", photo.Creator}, {"dc:creator", photo.Creator}, {"tiff:Artist", photo.Creator},
	{"creditText", photo.CreditLine}, {"photoshop:Credit", photo.CreditLine},
	{"copyrightNotice", photo.Copyright}, {"dc:rights", photo.Copyright}, {"tiff:Copyright", photo.Copyright},
	{"photoshop:Source", photo.Source}, {"dc:description", photo.Caption}, {"photoshop:Headline", photo.Headline},
	{"dc:title", photo.Title}, {"xmpRights:UsageTerms", photo.UsageTerms}, {"xmpRights:WebStatement", photo.WebStatement},
	{"Iptc4xmpExt:DigitalSourceType", photo.DigitalSourceType},
}

// content loads a content box, within what the manifests of one file may take.
func (m *manifest) content(b fileBox) []byte {
	if m.claims += b.size; m.claims > maxC2PA {
		m.problem("there is more in the C2PA manifests than is read")
		return nil
	}
	return m.take(m.store.part(b.body, b.size), maxClaim, "a C2PA claim")
}

// decode reads the CBOR of a claim or an assertion.
func (m *manifest) decode(b *jumbfBox, v any) bool {
	for _, c := range b.contents {
		if c.kind != "cbor" {
			continue
		}
		if err := cborDecoding.Unmarshal(m.content(c), v); err != nil {
			m.problem("the C2PA box %s: %w", b.label, err)
			return false
		}
		return true
	}
	return false
}

// cborDecoding bounds what a claim may contain. Of texts that are no UTF-8 the rest is used.
var cborDecoding = func() cbor.DecMode {
	mode, err := cbor.DecOptions{MaxNestedLevels: 32, MaxArrayElements: 1024, MaxMapPairs: 1024, UTF8: cbor.UTF8DecodeInvalid}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// cborTexts gives a text, the names in a map, or those of a list of either.
func cborTexts(raw cbor.RawMessage) []string {
	if len(raw) == 0 {
		return nil
	}
	var text string
	var named struct {
		Name  string `cbor:"name"`
		Value string `cbor:"@value"`
	}
	var list []cbor.RawMessage
	switch {
	case cborDecoding.Unmarshal(raw, &text) == nil:
		return []string{text}
	case cborDecoding.Unmarshal(raw, &named) == nil:
		return []string{named.Name + named.Value}
	case cborDecoding.Unmarshal(raw, &list) == nil:
		var all []string
		for _, one := range list[:min(len(list), maxNames)] {
			if len(one) > 0 && one[0]>>5 != 4 { // lists in lists are not looked into
				all = append(all, cborTexts(one)...)
			}
		}
		return all
	}
	return nil
}

// jsonTexts is the same for JSON, where a text in several languages is a map with x-default.
func jsonTexts(raw json.RawMessage) []string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return []string{text}
		}
	case '{':
		var named map[string]json.RawMessage
		if json.Unmarshal(raw, &named) != nil {
			return nil
		}
		for _, key := range []string{"name", "@value", "x-default", "@id"} {
			var text string
			if json.Unmarshal(named[key], &text) == nil && text != "" {
				return []string{text}
			}
		}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return nil
		}
		var all []string
		for _, one := range list[:min(len(list), maxNames)] {
			if len(one) > 0 && one[0] != '[' { // lists in lists are not looked into
				all = append(all, jsonTexts(one)...)
			}
		}
		return all
	}
	return nil
}

const maxNames = 64 // of one list
