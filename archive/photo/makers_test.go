package photo

import (
	"slices"
	"testing"
)

func TestMakersAreWhatPageAndFileSayOfWhoMadeIt(t *testing.T) {
	statements := []Statement{
		{Property: CreditLine, Value: "Foto: Ann Roe", Kind: PageCredit},
		{Property: Caption, Value: "A boat", Kind: PageCaption},
		{Property: CreditLine, Value: "Foto: Ann Roe", Kind: PageAlt},
		{Property: CreditLine, Value: "Foto: Cem Ak", Kind: PageCredit, Flags: []Flag{Shared}},
		{Property: Creator, Value: "Ben Fox", Kind: FileIIM, Flags: []Flag{Detected}},
		{Property: Creator, Value: "Ben Fox", Kind: FileXMP},
		{Property: Creator, Value: "Picasa", Kind: FileEXIF, Flags: []Flag{Junk}},
		{Property: Creator, Value: "Dee Ito", Kind: FileC2PA, Flags: []Flag{Unverified, Ingredient}},
		{Property: CopyrightHolder, Value: "Quay Images", Kind: FileXMP},
	}
	if got := Makers(statements, false); !slices.Equal(got, []string{"Foto: Ann Roe"}) {
		t.Errorf("the page says %q", got)
	}
	if got := Makers(statements, true); !slices.Equal(got, []string{"Ben Fox", "Quay Images"}) {
		t.Errorf("the file says %q", got)
	}
	if got := MakersElsewhere(statements); !slices.Equal(got, []string{"Foto: Cem Ak"}) {
		t.Errorf("elsewhere is said %q", got)
	}
	if got := MakersElsewhere(append(statements, Statement{Property: Creator, Value: "Foto: Cem Ak", Kind: FileIIM})); len(got) != 0 {
		t.Errorf("what the file says too is said elsewhere alone: %q", got)
	}
}
