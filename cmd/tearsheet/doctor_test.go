package main

import (
	"testing"
	"time"

	"tearsheet/archive/store"
)

func TestAClockThatCannotBeRightIsTold(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		built  string
		newest time.Time
		want   store.Grade
	}{
		"nothing is known":                        {"", time.Time{}, store.Good},
		"after everything else":                   {"2026-03-01T00:00:00Z", noon.Add(-time.Hour), store.Good},
		"a build by a clock a little ahead":       {"2026-03-14T20:00:00Z", time.Time{}, store.Good},
		"an entry by a clock a little ahead":      {"", noon.Add(time.Minute), store.Good},
		"before the program was written":          {"2026-03-16T00:00:00Z", time.Time{}, store.Fault},
		"before the newest entry":                 {"", noon.Add(time.Hour), store.Warning},
		"a build that does not say when":          {"yesterday", time.Time{}, store.Good},
		"before the program and the newest entry": {"2026-03-16T00:00:00Z", noon.Add(time.Hour), store.Fault},
	} {
		t.Run(name, func(t *testing.T) {
			if f := plausible(noon, c.built, c.newest); f.Level != c.want || (f.Means == "") != (c.want == store.Good) {
				t.Errorf("%+v, expected %s", f, c.want)
			}
		})
	}
}

func TestTheGravestFaultDecidesHowDoctorEnds(t *testing.T) {
	u := &checkUp{app: &app{stdout: &output{}}}
	if u.add(codeStorage, store.Finding{Level: store.Warning}, store.Finding{Level: store.Unknown}); u.code != codeOK {
		t.Errorf("warnings end with %d", u.code)
	}
	if u.add(codeStorage, store.Finding{Name: "write", Level: store.Fault}); u.code != codeStorage {
		t.Errorf("a fault of the store ends with %d", u.code)
	}
	if u.add(codeFixity, store.Finding{Name: "archive", Level: store.Fault}); u.code != codeStorage {
		t.Errorf("a second fault changes the end to %d", u.code)
	}
	if u.add(codeConfiguration, store.Finding{Name: "configuration", Level: store.Fault}); u.code != codeConfiguration {
		t.Errorf("a fault of the configuration ends with %d", u.code)
	}
	if err := u.result(true); codeOf(err) != codeConfiguration || err.Error() != "3 faults: write, archive, configuration" {
		t.Errorf("%v", err)
	}
}
