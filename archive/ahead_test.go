package archive

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsAskedForAheadComesInOrderAndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var under, most, made, dropped atomic.Int64
		get := func(ctx context.Context, i int) int {
			most.Store(max(most.Load(), under.Add(1)))
			defer under.Add(-1)
			made.Add(1)
			select {
			case <-time.After(time.Duration(i*7919%13+1) * time.Second):
			case <-ctx.Done():
			}
			return i
		}
		drop := func(int) { dropped.Add(1) }
		items := slices.Values([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
		if got := slices.Collect(ahead(t.Context(), items, 4, get, drop)); !slices.Equal(got, slices.Collect(items)) || most.Load() != 4 {
			t.Errorf("%v, up to %d at once", got, most.Load())
		}
		made.Store(0)
		for range ahead(t.Context(), items, 4, get, drop) {
			break
		}
		if made.Load() != 1 || dropped.Load() != 0 {
			t.Errorf("for the first alone %d were asked for, and %d dropped", made.Load(), dropped.Load())
		}
		made.Store(0)
		for i := range ahead(t.Context(), items, 4, get, drop) {
			if i == 5 {
				break
			}
		}
		if dropped.Load() != made.Load()-6 || under.Load() != 0 {
			t.Errorf("of %d that were begun %d were dropped, and %d are under way", made.Load(), dropped.Load(), under.Load())
		}
	})
}
