package archive

import (
	"context"
	"iter"
)

// aheadMost is how many things are asked of a store far away at once when they are needed one after the other.
const aheadMost = 8

// reach is how many requests may be under way before their answers are needed: one of a folder, where nothing is gained by more.
func (a *Archive) reach() int {
	if a.attested() {
		return aheadMost
	}
	return 1
}

// ahead gives what get makes of each item, in order, and lets it begin with items to come: with one at first, as many who ask need no more than the first
// answer, then with twice as many each time, up to most. What was made and is not wanted any more is handed to drop. It returns when all it began has ended.
func ahead[T, R any](ctx context.Context, items iter.Seq[T], most int, get func(context.Context, T) R, drop func(R)) iter.Seq[R] {
	return func(yield func(R) bool) {
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull(items)
		defer stop()
		var begun []chan R
		defer func() {
			cancel()
			for _, c := range begun {
				drop(<-c)
			}
		}()
		for window := 1; ; window = min(2*window, most) {
			for len(begun) < window {
				item, ok := next()
				if !ok {
					break
				}
				c := make(chan R, 1)
				begun = append(begun, c)
				go func() { c <- get(ctx, item) }()
			}
			if len(begun) == 0 {
				return
			}
			r := <-begun[0]
			begun = begun[1:]
			if !yield(r) {
				return
			}
		}
	}
}
