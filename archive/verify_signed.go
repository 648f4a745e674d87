package archive

import (
	"context"
	"fmt"
	"strings"

	"tearsheet/archive/notary"
)

// trees compares the tree that every entry has with the one that the entries before it make. After a gap in the log nothing is known until an entry tells
// its tree.
func (v *audit) trees(_ context.Context, log []inspected) error {
	var tree notary.Tree
	known := true
	for _, e := range log {
		if known = known && e.whole && tree.Size == e.n-1; known {
			tree = tree.Append(leaf(e.Entry))
		}
		if !e.whole || e.Tree == nil {
			continue
		}
		told := e.toldTree()
		switch {
		case told == nil:
			v.problem(Problem{Object: e.key, What: "the tree of the log is not one of so many entries", Expected: fmt.Sprint(e.n), Found: fmt.Sprint(e.Tree.Size)})
		case known && !told.Equal(tree):
			v.problem(Problem{Object: e.key, What: "the root of the log's tree is not that of the entries up to this one", Expected: tree.Root.String(), Found: told.Root.String()})
		case !known:
			tree, known = *told, true
		}
	}
	return nil
}

// signatures checks the checkpoints and time stamps of all entries: that they are of their entry, and by whom. Where nobody is trusted, no signature can be
// checked, but another key than the first one is a problem.
func (v *audit) signatures(_ context.Context, log []inspected) error {
	s := v.archive.signing
	trusted := s.verifier()
	if trusted == nil && s.Fault != nil {
		v.mu.Lock()
		v.unread = append(v.unread, fmt.Errorf("whose signatures are trusted is not known, and none was checked: %w; name the public key with signing: trusted: in the configuration", s.Fault))
		v.mu.Unlock()
	}
	var first string // who signed first
	var newest inspected
	stamped := false
	for _, e := range log {
		if !e.whole {
			continue
		}
		newest = e
		if e.Checkpoint == "" {
			if first != "" && s.Required {
				v.problem(Problem{Object: e.key, What: "the entry is not signed, and those before it are", Expected: "a signed checkpoint"})
			}
			continue
		}
		signer := v.signature(e, trusted)
		switch {
		case first == "":
			first = signer
		case trusted == nil && signer != "" && signer != first:
			v.problem(Problem{Object: e.key, What: "the entry is signed by another key than those before it", Expected: first, Found: signer})
		}
		if len(e.Timestamp) > 0 {
			stamped = true
			v.stamp(e)
		} else if stamped && s.StampRequired {
			v.problem(Problem{Object: e.key, What: "the entry has no time stamp, and those before it have", Expected: "a time stamp"})
		}
	}
	// Who could rewrite all of the log would leave no signature in it.
	switch {
	case newest.n == 0:
	case s.Required && first == "":
		v.problem(Problem{Object: newest.key, What: "signatures are required, and no entry of the log is signed", Expected: "a signed checkpoint"})
	case s.StampRequired && !stamped:
		v.problem(Problem{Object: newest.key, What: "time stamps are required, and no entry of the log has one", Expected: "a time stamp"})
	}
	return nil
}

// signature checks the checkpoint of an entry and gives who signed it, which proves nothing where trusted is nil.
func (v *audit) signature(e inspected, trusted *notary.Verifier) string {
	open := notary.Read
	if trusted != nil {
		open = trusted.Open
	}
	c, err := open(e.Checkpoint)
	switch {
	case err != nil:
		v.problem(Problem{Object: e.key, What: "the signature of the entry does not hold", Found: err.Error()})
		return c.Signer
	case e.Tree == nil || c.Size != e.Tree.Size || c.Root != e.Tree.Root:
		v.problem(Problem{Object: e.key, What: "what is signed is not the tree of the entry", Found: fmt.Sprintf("%d entries, root %s", c.Size, c.Root)})
		return c.Signer
	}
	for _, line := range c.Lines {
		if of, ok := strings.CutPrefix(line, entryLine); ok && of != e.said {
			v.problem(Problem{Object: e.key, What: "what is signed is another entry", Expected: of, Found: e.said})
			return c.Signer
		}
	}
	v.count(func(r *VerifyReport) {
		if trusted != nil {
			r.Signed++
		} else {
			r.Unchecked++
		}
	})
	return c.Signer
}

// stamp checks the time stamp of an entry, where an authority is trusted.
func (v *audit) stamp(e inspected) {
	authority := v.archive.signing.Authority
	if authority == nil {
		return
	}
	at, err := notary.CheckStamp(e.Timestamp, e.Checkpoint, authority)
	if err != nil {
		v.problem(Problem{Object: e.key, What: "the time stamp of the entry does not hold", Found: err.Error()})
		return
	}
	if off := at.Sub(e.Time).Abs(); off > clockSlack {
		v.problem(Problem{Object: e.key, What: "the time stamp is of another time than the entry says", Expected: e.Time.String(), Found: at.String()})
		return
	}
	v.count(func(r *VerifyReport) { r.Stamped++ })
}
