package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/photo"
)

// refused fails the test when the error of a parser is none that callers test for.
func refused(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrFixity) && !errors.Is(err, ErrNewerFormat) {
		t.Errorf("neither a fixity failure nor a newer format: %v", err)
	}
}

func FuzzLogEntry(f *testing.F) {
	id := newRunID(noon)
	e := Entry{Format: 1, N: 2, RunID: id, Time: noon, Manifest: Object{ObjectKey(id, manifestName), 10, digestOf(nil)}, Previous: digestOf(nil)}
	b, err := e.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`{"format":1,"n":1,"self":"sha256:"}`))
	f.Add([]byte(`,"self":"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEntry(b)
		if err != nil {
			refused(t, err)
			return
		}
		again, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		if same, err := ParseEntry(again); err != nil || !reflect.DeepEqual(same, e) {
			t.Errorf("%+v became %+v, %v", e, same, err)
		}
		if key := logKey(e.N); !strings.HasPrefix(key, logPrefix) || len(key) != len(logPrefix)+10+len(".json") {
			t.Errorf("entry %d has the key %s", e.N, key)
		}
	})
}

func FuzzManifest(f *testing.F) {
	m := Manifest{Profile: "data-package", WACZVersion: "1.1.1", Created: noon, Tearsheet: Facts{Format: 1, RunID: newRunID(noon), Kind: KindRun, Outcome: Complete}}
	m.Resources = []Resource{{Name: "pages.jsonl", Object: Object{pagesName, 3, digestOf(nil)}}}
	b, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(bytes.Replace(b, []byte("pages/pages.jsonl"), []byte("../../pages.jsonl"), 1))
	f.Add([]byte(`{"profile":"data-package","tearsheet":{"format":9}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			refused(t, err)
			return
		}
		for _, r := range m.Resources {
			key := ObjectKey(m.Tearsheet.RunID, r.Path)
			if strings.Contains(key, "..") && strings.Contains("/"+key+"/", "/../") || !strings.HasPrefix(key, runsPrefix+m.Tearsheet.RunID+"/") {
				t.Errorf("%q leads to %q", r.Path, key)
			}
		}
		again, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseManifest(again); err != nil {
			t.Errorf("what was accepted once is not accepted again: %v", err)
		}
	})
}

func FuzzPageRow(f *testing.F) {
	p := Page{
		ID: "1", URL: "https://a.example/?a=1&b=<>", Time: noon, Title: "Zeile\u2028\n", Verdict: OK, Capture: &Kept{URL: "https://a.example/", Time: noon},
		Photos: []Photo{{Src: "x", Credit: photo.Credit{Line: "A/B"}}},
	}
	b, err := p.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"url":"x","ts":"9999-12-31T23:59:59.999999999+14:00"}`))
	f.Add([]byte(`{"format":"json-pages-1.0","id":"pages"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePage(b)
		if err != nil {
			return
		}
		p.Time = time.Time{} // JSON knows times that RFC 3339 does not
		row, err := p.encode()
		if err != nil {
			return // a time of a Kept, as above
		}
		if bytes.IndexByte(row, '\n') >= 0 {
			t.Errorf("a row of two lines: %q", row)
		}
		again, err := ParsePage(row)
		if err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		second, err := again.encode()
		if err != nil || !bytes.Equal(row, second) {
			t.Errorf("%q became %q, %v", row, second, err)
		}
		// The same row inside a record, and in a list.
		var inside pageRecord
		if err := json.Unmarshal([]byte(`{"page":`+string(row)+"}\n"), &inside); err != nil || !bytes.Equal(inside.Page, row) {
			t.Errorf("%q came out of a record as %q, %v", row, inside.Page, err)
		}
		rows := 0
		for r, err := range readRows(strings.NewReader(pagesHeader+"\n"+string(row)+"\n"), pagesFormat) {
			if err != nil || !bytes.Equal(r.text, row) {
				t.Errorf("%q came out of a list as %q, %v", row, r.text, err)
			}
			rows++
		}
		if rows != 1 {
			t.Errorf("%d rows", rows)
		}
	})
}
