package creditline

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzACreditLineIsReadWithoutInventingAnything(f *testing.F) {
	for _, c := range lines {
		f.Add(c.line)
	}
	f.Add("((((((Foto: © [Bild: (c) „Jo Roe“/dpa")
	f.Add("Photo by Photo by by via via for and and a@b@c @ x")
	f.Add("\xff\xfe/\x80|，、＝（")
	f.Fuzz(func(t *testing.T, line string) {
		l := Parse(line)
		for _, name := range slices.Concat(l.People, l.Agencies, l.Markers) {
			if name == "" || !strings.Contains(l.Text, name) {
				t.Errorf("%q names %q, which does not stand in it", line, name)
			}
			if name != strings.TrimSpace(name) {
				t.Errorf("%q names %q, with space around it", line, name)
			}
		}
		if utf8.ValidString(line) && len(l.Text) > len(line) {
			t.Errorf("%q grew to %q", line, l.Text)
		}
		n := Normalise(line)
		if again := Normalise(n); again != n {
			t.Errorf("%q is normalised to %q, and that to %q", line, n, again)
		}
		if !strings.Contains(l.Text, n) {
			t.Errorf("%q is normalised to %q, which does not stand in it", line, n)
		}
		HasLabel(line)
		if key := Key(line); Key(key) != key {
			t.Errorf("the key of %q is %q, and that of the key %q", line, key, Key(key))
		}
		if !SamePerson(line, line) && len(nameWords(line)) > 0 {
			t.Errorf("%q is not the same as itself", line)
		}
		shown := DisplayName(line)
		if DisplayName(shown) != shown {
			t.Errorf("%q is shown as %q, and that as %q", line, shown, DisplayName(shown))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, line := range []string{
		"MIKHAIL KLIMENTYEV/AFP/Getty Images", "Photo: Tom Brenner for The Washington Post via Getty Images", "Foto: picture alliance / SZ Photo | Ann Roe",
		"（写真・山本さくら／潮風通信社）", "Фото: Мила Ветрова, Коммерсантъ", "Foto: Privat",
	} {
		b.Run(line, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(line)
			}
		})
	}
}

func BenchmarkHasLabel(b *testing.B) {
	for b.Loop() {
		HasLabel("The harbour reopens after eleven weeks in dock, and the night ferry sails again.")
	}
}

func BenchmarkSamePerson(b *testing.B) {
	for b.Loop() {
		SamePerson("MIKHAIL KLIMENTYEV", "Mikhail Klimentyev")
	}
}
