package creditline

import (
	"slices"
	"strings"
	"testing"
)

// tableNames calls with every name of agencies.txt: the row's own and the alias, which is the row's own for the row itself.
func tableNames(call func(row, alias string)) {
	eachLine(agenciesText, func(line, head string) {
		if head != "" {
			return
		}
		if name, aliases, ok := strings.Cut(line, " = "); ok {
			call(name, name)
			for alias := range strings.SplitSeq(aliases, " | ") {
				call(name, alias)
			}
			return
		}
		for name := range strings.SplitSeq(line, ", ") {
			call(strings.Trim(name, ", "), strings.Trim(name, ", "))
		}
	})
}

func TestEveryNameInTheTableIsFoundByItselfAndStandsInOneRow(t *testing.T) {
	rows := map[string]string{}
	tableNames(func(row, alias string) {
		key := fold(alias)
		if key == "" {
			t.Errorf("%q of %q has no letters", alias, row)
			return
		}
		if other, ok := rows[key]; ok && other != row {
			t.Errorf("%q stands in the rows %q and %q", alias, other, row)
		}
		rows[key] = row
		if canonical, ok := Agency(alias); !ok || canonical != row {
			t.Errorf("Agency(%q) is %q, %t; want %q", alias, canonical, ok, row)
		}
	})
	if len(rows) < 2000 {
		t.Errorf("the table has %d names only", len(rows))
	}
}

func TestEveryNameInTheTableIsAnAgencyWhenItIsTheWholeCredit(t *testing.T) {
	tableNames(func(_, alias string) {
		l := Parse(alias)
		if len(l.People) > 0 || len(l.Agencies) != 1 || !SameAgency(l.Agencies[0], alias) {
			t.Errorf("%q names %q and %q", alias, l.People, l.Agencies)
		}
	})
}

func TestEverySectionOfTheWordsIsReadAndHasEntries(t *testing.T) {
	sections := readSections(wordsText)
	v := theWords()
	known := v.sections()
	for name, entries := range sections {
		if known[name] == nil && !slices.Contains([]string{"glued labels", "glued suffixes", "weak glued suffixes", "person suffixes", "organisation endings", "compound endings"}, name) {
			t.Errorf("nothing reads the section %q", name)
		}
		for _, entry := range entries {
			if fold(entry) == "" {
				t.Errorf("the entry %q of %q folds to nothing", entry, name)
			}
		}
	}
	for name, words := range known {
		if len(*words) == 0 {
			t.Errorf("the section %q is empty or missing", name)
		}
	}
}
