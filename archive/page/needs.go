package page

// needs collects requisites: each URL once, in the order in which they were first named.
type needs struct {
	list []Requisite
	at   map[string]int // index in list by URL

	leftOut int // mentions beyond the bound
}

func newNeeds() *needs { return &needs{at: make(map[string]int, 64)} }

// add notes ref as a requisite and gives its absolute URL; false when ref is none that can be fetched. A URL that is named again keeps
// its place; it becomes essential when one of its uses is, and its kind gives way only when it was unknown.
func (n *needs) add(res resolver, ref string, kind Kind, essential bool) (string, bool) {
	u, ok := res.resolve(ref)
	if !ok {
		return "", false
	}
	if i, known := n.at[u]; known {
		r := &n.list[i]
		r.Essential = r.Essential || essential
		if r.Kind == KindOther {
			r.Kind = kind
		}
		return r.URL, true
	}
	if len(n.list) == maxRequisites {
		n.leftOut++
		return "", false
	}
	n.at[u] = len(n.list)
	n.list = append(n.list, Requisite{URL: u, Kind: kind, Essential: essential})
	return u, true
}

// markEssential makes a URL essential that is a requisite already.
func (n *needs) markEssential(u string) {
	if i, ok := n.at[u]; ok {
		n.list[i].Essential = true
	}
}

// ordered gives the essential requisites first, both parts in document order.
func (n *needs) ordered() []Requisite {
	out := make([]Requisite, 0, len(n.list))
	for _, essential := range []bool{true, false} {
		for _, r := range n.list {
			if r.Essential == essential {
				out = append(out, r)
			}
		}
	}
	return out
}
