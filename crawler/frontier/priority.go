package frontier

import "container/heap"

// absent is the place of an element that is in no heap.
const absent = -1

// placed is an element that remembers where in its heap it stands, so that it can be moved or taken out.
type placed interface{ place() *int }

// priority is a heap of elements, the least on top. An element is in at most one.
type priority[T placed] struct {
	less  func(a, b T) bool
	items []T
}

func (p *priority[T]) len() int { return len(p.items) }

func (p *priority[T]) top() (first T, ok bool) {
	if len(p.items) == 0 {
		return first, false
	}
	return p.items[0], true
}

func (p *priority[T]) push(e T) { heap.Push((*ordered[T])(p), e) }

func (p *priority[T]) pop() (first T, ok bool) {
	if len(p.items) == 0 {
		return first, false
	}
	return heap.Pop((*ordered[T])(p)).(T), true
}

// fix restores the order after e, which is in the heap, changed.
func (p *priority[T]) fix(e T) { heap.Fix((*ordered[T])(p), *e.place()) }

// remove takes e out if it is in the heap.
func (p *priority[T]) remove(e T) {
	if *e.place() != absent {
		heap.Remove((*ordered[T])(p), *e.place())
	}
}

// ordered is a priority as container/heap wants to see it.
type ordered[T placed] priority[T]

func (o *ordered[T]) Len() int           { return len(o.items) }
func (o *ordered[T]) Less(i, j int) bool { return o.less(o.items[i], o.items[j]) }

func (o *ordered[T]) Swap(i, j int) {
	o.items[i], o.items[j] = o.items[j], o.items[i]
	*o.items[i].place(), *o.items[j].place() = i, j
}

func (o *ordered[T]) Push(x any) {
	e := x.(T)
	*e.place() = len(o.items)
	o.items = append(o.items, e)
}

func (o *ordered[T]) Pop() any {
	last := len(o.items) - 1
	e := o.items[last]
	var zero T
	o.items[last] = zero
	o.items = o.items[:last]
	*e.place() = absent
	return e
}
