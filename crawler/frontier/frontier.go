// Package frontier decides what a crawl fetches next and when.
//
// It knows pages that are to be captured, which of them were seen before, and for every host when its next page may start. It does not fetch,
// it does not know robots.txt, and it does not know the requisites of a page: these travel inside their page's lease.
//
// The life of a page: Push queues it, unless its URL was seen before. Claim leases it to a worker, when its host may start a page. The worker
// ends the lease with Ack, once what it recorded is durable, or with Nack, which queues the page again. A lease that nobody ends or extends
// expires, and the page is claimed again: a killed process loses nothing, and a page may be captured twice, never lost.
//
// The schedule of a host (scheme-independent, see [HostOf]) spaces the starts of its pages, not the gaps between them: a page may start when
// the spacing has passed since the last start, when no hold (Retry-After) is on, and when fewer than Policy.PerHost pages are under way. The
// first page of a host waits for nothing. Because the spacing of a host is known only after its robots.txt was read, a host's pages are
// claimed one at a time until Pace told it.
//
// Nothing here blocks: Claim tells when it is worth asking again, and its caller waits in whatever way it can be interrupted. This is what
// lets the same interface stand before memory (NewMemory), an embedded database and a shared one; package frontiertest is the suite that
// every implementation passes. Only crawler and its sub-packages import it.
package frontier

import (
	"context"
	"errors"
	"time"
)

// ErrLeaseLost says that an item was acknowledged, given back or extended by a worker whose lease had expired and that the item has been
// claimed again since, or is done.
var ErrLeaseLost = errors.New("the lease of this page has passed to another worker")

// Clock tells the time; time.Now outside tests.
type Clock func() time.Time

// Policy is the schedule's part that is the same for all hosts.
type Policy struct {
	// Delay is the least time between two page starts on one host.
	Delay time.Duration
	// PerHost is how many pages of one host may be under way at once; 0 means 4.
	PerHost int
}

// DefaultPerHost is what a zero Policy.PerHost means.
const DefaultPerHost = 4

// URL is a page that is to be captured, and how the crawler came to it.
type URL struct {
	URL  string // absolute, http or https
	Via  string // URL of the page that named it; "" for a seed
	Path string // hops from the seed as Heritrix writes them; "" for a seed
}

// Item is a page under lease. Give it back whole.
type Item struct {
	URL
	Key     Key
	Host    string
	Attempt int   // 1 the first time
	Fence   int64 // number of the lease; a later lease of the same page has a greater one
}

// Stats counts pages by state.
type Stats struct {
	Queued int // waiting, for whatever reason
	Leased int
	Done   int // acknowledged
	Hosts  int // hosts of all pages ever pushed or reserved
}

// Idle reports whether nothing is left to do.
func (s Stats) Idle() bool { return s.Queued == 0 && s.Leased == 0 }

// Frontier is what to fetch next and when. All methods may be called concurrently; errors are those of the storage behind it, of ctx, and
// ErrLeaseLost where noted.
type Frontier interface {
	// Push queues the URLs that were never pushed before and returns how many these are. A URL that cannot be parsed, or is not http or
	// https, is an error and nothing is queued.
	Push(ctx context.Context, urls ...URL) (added int, err error)

	// Claim leases up to n pages whose hosts may start a page now, the longest-waiting first, and marks the start on each host. When it
	// returns fewer than n, next is the earliest time at which passing time alone makes another page ready (an expiring lease included), or
	// zero when only a call of another method can.
	Claim(ctx context.Context, n int, lease time.Duration) (items []Item, next time.Time, err error)

	// Extend makes the leases of items end lease from now. Items whose lease was lost are skipped and reported as ErrLeaseLost.
	Extend(ctx context.Context, lease time.Duration, items ...Item) error

	// Ack ends leases for good: call it after the pages' records are durable. Items whose lease was lost are skipped and reported as
	// ErrLeaseLost.
	Ack(ctx context.Context, items ...Item) error

	// Nack queues a page again, not to be claimed before after has passed. The reason is kept where the storage can keep it.
	Nack(ctx context.Context, item Item, after time.Duration, reason string) error

	// Pace tells the spacing of a host's page starts as its robots.txt has it (0 when it has none); Policy.Delay stays the least. The first
	// call also ends the one-at-a-time rule, and counts as the start of the page that is under way.
	Pace(ctx context.Context, host string, spacing time.Duration) error

	// Hold stops a host: no page of it starts before until. An earlier hold that lasts longer stays.
	Hold(ctx context.Context, host string, until time.Time) error

	// Reserve books the next page start of a host for a page that a redirect leads there, and returns its time, which may be now.
	Reserve(ctx context.Context, host string) (time.Time, error)

	// Stats counts.
	Stats(ctx context.Context) (Stats, error)

	// Close lets go of the storage. Leases stay until they expire.
	Close() error
}
