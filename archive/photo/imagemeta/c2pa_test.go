package imagemeta

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func cborBox(t testing.TB, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return isoBox("cbor", b)
}

func jsonBox(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return isoBox("json", b)
}

type object = map[string]any

const sourceTypes = "http://cv.iptc.org/newscodes/digitalsourcetype/"

// manifestStore has a manifest of an ingredient, and the active one.
func manifestStore(t testing.TB) []byte {
	return superbox("c2pa",
		superbox("urn:uuid:1",
			superbox("c2pa.assertions", superbox("stds.schema-org.CreativeWork", jsonBox(t, object{"author": []object{{"@type": "Person", "name": "Ingrid Ent"}}}))),
			superbox("c2pa.claim", cborBox(t, object{"claim_generator": "camera/1.0"}))),
		superbox("urn:uuid:2",
			superbox("c2pa.assertions",
				superbox("c2pa.thumbnail.claim.jpeg", isoBox("bfdb", []byte("\x00image/jpeg\x00")), isoBox("bidb", make([]byte, 1000))),
				superbox("c2pa.actions.v2", cborBox(t, object{"actions": []object{
					{"action": "c2pa.created", "digitalSourceType": " " + sourceTypes + "trainedAlgorithmicMedia", "parameters": object{"a": []int{1}}},
					{"action": "c2pa.edited"}, {"digitalSourceType": sourceTypes + "trainedAlgorithmicMedia"}}})),
				superbox("cawg.metadata", jsonBox(t, object{"@context": object{"dc": "http://purl.org/dc/elements/1.1/"}, "dc:creator": []string{"Jane Doe"}, "photoshop:Credit": "AFP",
					"dc:rights": object{"@value": "© AFP"}, "dc:description": object{"x-default": "Boats", "de": "Boote"}}))),
			superbox("c2pa.claim.v2", cborBox(t, object{"claim_generator_info": []object{{"name": "editor", "version": "2"}}, "dc:title": "boats.jpg"})),
			superbox("c2pa.signature", isoBox("cbor", []byte("\xD2\x84")))))
}

var manifestLines = []string{
	"digital_source_type: " + sourceTypes + "trainedAlgorithmicMedia [file.c2pa c2pa:urn:uuid:2/c2pa.actions.v2] (unverified)",
	"creator: Jane Doe [file.c2pa c2pa:urn:uuid:2/cawg.metadata/dc:creator] (unverified)",
	"credit: AFP [file.c2pa c2pa:urn:uuid:2/cawg.metadata/photoshop:Credit] (unverified)",
	"copyright: © AFP [file.c2pa c2pa:urn:uuid:2/cawg.metadata/dc:rights] (unverified)",
	"caption: Boats [file.c2pa c2pa:urn:uuid:2/cawg.metadata/dc:description] (unverified)",
	"claim_generator: editor [file.c2pa c2pa:urn:uuid:2/c2pa.claim.v2] (unverified)",
	"title: boats.jpg [file.c2pa c2pa:urn:uuid:2/c2pa.claim.v2] (unverified)",
	"creator: Ingrid Ent [file.c2pa c2pa:urn:uuid:1/stds.schema-org.CreativeWork/author] (unverified) (ingredient)",
	"claim_generator: camera/1.0 [file.c2pa c2pa:urn:uuid:1/c2pa.claim] (unverified) (ingredient)",
}

func TestC2PAManifests(t *testing.T) {
	store := manifestStore(t)
	reversed := jumbfSegments(store, 500)
	slices.Reverse(reversed)
	uuid := isoBox("uuid", cat(uuidC2PA, "\x00\x00\x00\x00manifest\x00", make([]byte, 8), store))
	for name, file := range map[string][]byte{
		"in a segment of JPEG":            jpegFile(jumbfSegments(store, 60000)...),
		"in segments of JPEG in disorder": jpegFile(reversed...),
		"in PNG":                          pngFile(chunk("caBX", store)),
		"in WebP":                         riff(vp8, riffChunk("C2PA", store)),
		"in GIF":                          gifFile(gifBlocks("!\xFF\x0BC2PA_GIF\x01\x00\x00", store), nil),
		"in TIFF":                         directory(littleEndian, []tiffTag{{tagC2PA, 7, store}}, nil),
		"in a uuid box of AVIF":           cat(isoFile("avif", 64, 48, false), uuid),
		"in a box of a JPEG XL container": jxlContainer(store),
	} {
		t.Run(name, func(t *testing.T) {
			m := wants(t, file, manifestLines...)
			if !m.C2PA || !slices.Contains(m.Carriers, CarrierC2PA) || m.Damage != nil {
				t.Errorf("C2PA %v, carriers %q, damage %v", m.C2PA, m.Carriers, m.Damage)
			}
			e := m.Embedded()
			if len(e.Creator) > 0 || e.Credit != "" || e.DigitalSourceType != sourceTypes+"trainedAlgorithmicMedia" || !e.AI || !e.C2PA {
				t.Errorf("shown: %+v", e)
			}
		})
	}
}

func TestJUMBFThatIsNoManifest(t *testing.T) {
	for name, store := range map[string][]byte{
		"another label":                superbox("other", superbox("urn:uuid:1")),
		"no label":                     isoBox("jumb", isoBox("jumd", make([]byte, 17))),
		"a label without an end":       isoBox("jumb", isoBox("jumd", make([]byte, 16), []byte("\x03c2pa"))),
		"boxes one within the other":   nested(200),
		"a box shorter than its head":  {0, 0, 0, 4, 'j', 'u', 'm', 'b', 0, 0, 0, 0},
		"a box of a length of 64 bits": cat("\x00\x00\x00\x01jumb\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFxxxxxxxx"),
	} {
		t.Run(name, func(t *testing.T) {
			if m := wants(t, pngFile(chunk("caBX", store))); m.C2PA {
				t.Error("it is taken for a manifest")
			}
		})
	}
}

func nested(n int) []byte {
	b := superbox("c2pa")
	for range n {
		b = superbox("x", b)
	}
	return b
}

func TestDamagedManifests(t *testing.T) {
	claim := superbox("c2pa.claim", cborBox(t, object{"claim_generator": "camera/1.0"}))
	const camera = "claim_generator: camera/1.0 [file.c2pa c2pa:urn:uuid:1/c2pa.claim] (unverified)"
	for _, c := range []struct {
		name      string
		assertion []byte
		want      []string
	}{
		{"an assertion that is no CBOR", superbox("c2pa.actions", isoBox("cbor", []byte("\xFF\xFF"))), []string{camera}},
		{"an assertion that is no JSON", superbox("cawg.metadata", isoBox("json", []byte("{"))), []string{camera}},
		{"an assertion of other types", superbox("cawg.metadata", jsonBox(t, object{"dc:creator": 5, "author": [][]string{{"a"}}, "dc:rights": object{"x": 1}})), []string{camera}},
		{"an assertion too large to be one", superbox("cawg.metadata", jsonBox(t, object{"x": make([]byte, maxClaim), "dc:creator": "A"})), []string{camera}},
		{"the second of a label", superbox("c2pa.actions__1", cborBox(t, object{"actions": []object{{"digitalSourceType": "x"}}})), []string{
			"digital_source_type: x [file.c2pa c2pa:urn:uuid:1/c2pa.actions__1] (unverified)", camera}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := wants(t, pngFile(chunk("caBX", superbox("c2pa", superbox("urn:uuid:1", superbox("c2pa.assertions", c.assertion), claim)))), c.want...)
			if !m.C2PA {
				t.Error("there is no manifest")
			}
		})
	}
}
