package index

import (
	"context"
	"iter"
)

// Blocks tells how many blocks the index has. Each holds at most BlockLines rows, and all but an empty index's at least one: who wants rows at
// random need not count them first.
func (r *Reader) Blocks() int { return len(r.blocks) }

// Block yields the rows of one block, counted from 0, in order. An error is yielded once, and last.
func (r *Reader) Block(ctx context.Context, i int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := r.scan(ctx, i, i+1, "", "", yield); err != nil {
			yield(Row{}, err)
		}
	}
}
