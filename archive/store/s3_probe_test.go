package store_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest/gateway"
)

// grades gives the grade of each finding by its name.
func grades(t *testing.T, found []store.Finding) map[string]store.Grade {
	t.Helper()
	all := map[string]store.Grade{}
	for _, f := range found {
		t.Logf("%-22s %-8s %s; %s", f.Name, f.Level, f.Found, f.Means)
		all[f.Name] = f.Level
	}
	return all
}

func wantGrades(t *testing.T, got, want map[string]store.Grade) {
	t.Helper()
	for name, grade := range want {
		if got[name] != grade {
			t.Errorf("%s is %q, want %q", name, got[name], grade)
		}
	}
}

func TestAProbeFindsWhatAStoreReallyDoes(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	good := map[string]store.Grade{
		"reach": store.Good, "clock": store.Good, "write": store.Good, "conditional put": store.Good, "checksum sha256": store.Good, "checksum crc64nvme": store.Good,
		"checksum crc32": store.Good, "checksum that is set": store.Good, "parts": store.Good, "parts: list": store.Good, "parts: size": store.Good,
		"parts: conditional": store.Good, "ranges": store.Good, "list": store.Good, "versions": store.Good, "object lock": store.Warning, "delete": store.Warning,
	}
	t.Run("a good one", func(t *testing.T) {
		s, _ := faultyStore(t, g)
		wantGrades(t, grades(t, s.Probe(t.Context())), good)
		for info, err := range s.List(t.Context(), "", "") {
			t.Errorf("left behind: %+v %v", info, err)
		}
		for u, err := range s.Uploads(t.Context(), "") {
			t.Errorf("left half done: %+v %v", u, err)
		}
	})
	t.Run("with other checksums", func(t *testing.T) {
		for _, sum := range []string{"crc64nvme", "crc32", "none"} {
			s, _ := faultyStore(t, g, func(o *store.S3Options) { o.Checksum = sum })
			got := grades(t, s.Probe(t.Context()))
			want := map[string]store.Grade{"parts": store.Good, "ranges": store.Good, "checksum that is set": store.Good}
			if sum == "none" {
				want["checksum that is set"] = store.Fault
			}
			wantGrades(t, got, want)
		}
	})
	t.Run("with Object Lock", func(t *testing.T) {
		o := g.Options(g.Bucket(t, true))
		o.LockMode, o.Retain = "GOVERNANCE", time.Hour
		s, err := store.OpenS3(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		wantGrades(t, grades(t, s.Probe(t.Context())), map[string]store.Grade{"object lock": store.Good, "write": store.Good})
	})
	t.Run("a lock that the bucket does not have", func(t *testing.T) {
		s, _ := faultyStore(t, g, func(o *store.S3Options) { o.LockMode, o.Retain = "GOVERNANCE", time.Hour })
		wantGrades(t, grades(t, s.Probe(t.Context())), map[string]store.Grade{"object lock": store.Fault})
	})
	always := func(on string, do func(*faulty, *http.Request) (*http.Response, error)) []fault {
		var all []fault
		for range 200 {
			all = append(all, fault{on, do})
		}
		return all
	}
	for _, c := range []struct {
		name   string
		faults []fault
		want   map[string]store.Grade
	}{
		{"one that is away", always("", answers(503, "SlowDown")), map[string]store.Grade{"reach": store.Fault}},
		{"one that knows nobody", always("", answers(403, "InvalidAccessKeyId")), map[string]store.Grade{"reach": store.Fault}},
		{"one that may only be read", always("P", answers(403, "AccessDenied")), map[string]store.Grade{"reach": store.Good, "write": store.Warning, "conditional put": ""}},
		{"one that overwrites", always("PUT object", swallows), map[string]store.Grade{"conditional put": store.Fault}},
		{"one that tells no checksums", always("HEAD object", hides), map[string]store.Grade{"checksum sha256": store.Warning, "checksum that is set": store.Warning}},
		{"one from which nothing may be deleted", always("DELETE object", answers(403, "AccessDenied")), map[string]store.Grade{"delete": store.Good}},
		{"one with a wrong clock", always("GET list", dated(time.Now().Add(-time.Hour))), map[string]store.Grade{"clock": store.Fault}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, f := faultyStore(t, g)
			f.faults = c.faults
			wantGrades(t, grades(t, s.Probe(t.Context())), c.want)
		})
	}
}

// swallows says that everything was stored.
func swallows(_ *faulty, r *http.Request) (*http.Response, error) {
	if _, err := bytes.NewBuffer(nil).ReadFrom(r.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// hides takes the checksums out of an answer.
func hides(f *faulty, r *http.Request) (*http.Response, error) {
	resp, err := f.through.RoundTrip(r)
	if err == nil {
		for name := range resp.Header {
			if strings.HasPrefix(strings.ToLower(name), "x-amz-checksum") {
				resp.Header.Del(name)
			}
		}
	}
	return resp, err
}

// dated gives an answer another date.
func dated(at time.Time) func(*faulty, *http.Request) (*http.Response, error) {
	return func(f *faulty, r *http.Request) (*http.Response, error) {
		resp, err := f.through.RoundTrip(r)
		if err == nil {
			resp.Header.Set("Date", at.UTC().Format(http.TimeFormat))
		}
		return resp, err
	}
}
