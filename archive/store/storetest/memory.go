package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tearsheet/archive/store"
)

// Op names a method of Store.
type Op string

const (
	OpCreate Op = "create"
	OpOpen   Op = "open"
	OpStat   Op = "stat"
	OpList   Op = "list"
)

// Call is one call of a Store's method. Key is the prefix for OpList; Offset and Length belong to OpOpen.
type Call struct {
	Op             Op
	Key            string
	Offset, Length int64
}

// Memory is a store.Store in memory for tests: it can fail, cut and lie where it is told to, and it notes what was asked of it. The zero value
// is an empty store. Set the hooks before the store is used; they may be called concurrently.
type Memory struct {
	// Before, when set, is called before a call is carried out; its error is the call's, and nothing happens. (A full disk, a refusal.)
	Before func(Call) error
	// After, when set, is called after a call was carried out; its error is the call's all the same. (An answer lost on the way.)
	After func(Call) error
	// Reading, when set, may replace what Open gives. (A connection that breaks, bytes that differ from those stored.)
	Reading func(Call, io.ReadCloser) io.ReadCloser
	// Now gives the time of new objects; without it they have none.
	Now func() time.Time

	mu      sync.Mutex
	objects map[string]object
	calls   []Call
}

type object struct {
	data     []byte
	modified time.Time
}

var _ store.Store = (*Memory)(nil)

func (m *Memory) String() string { return "memory" }

// Calls gives what was asked so far, in order.
func (m *Memory) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// Forget empties the list that Calls gives.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = nil
}

// Keys gives the keys of all objects in order.
func (m *Memory) Keys() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.objects))
}

// Tamper replaces an object's bytes, which no Store allows: what a rotten disk or a forger does. With nil from change the object is gone.
func (m *Memory) Tamper(key string, change func(data []byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[key]
	if !ok {
		panic("storetest: Tamper of " + key + ", which is not there")
	}
	if o.data = change(slices.Clone(o.data)); o.data == nil {
		delete(m.objects, key)
		return
	}
	m.objects[key] = o
}

func (m *Memory) begin(ctx context.Context, c Call) error {
	m.mu.Lock()
	m.calls = append(m.calls, c)
	m.mu.Unlock()
	err := ctx.Err()
	if err == nil && c.Op != OpList {
		err = store.CheckKey(c.Key)
	}
	if err == nil && m.Before != nil {
		err = m.Before(c)
	}
	return wrap(c, err)
}

func (m *Memory) end(c Call, err error) error {
	if err == nil && m.After != nil {
		err = m.After(c)
	}
	return wrap(c, err)
}

func wrap(c Call, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", c.Op, c.Key, err)
}

// Create implements store.Store.
func (m *Memory) Create(ctx context.Context, key string, body store.Body) (store.Info, error) {
	c := Call{Op: OpCreate, Key: key}
	if err := m.begin(ctx, c); err != nil {
		return store.Info{}, err
	}
	data := make([]byte, body.Size())
	if n, err := body.ReadAt(data, 0); n < len(data) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return store.Info{}, wrap(c, fmt.Errorf("body ends at %d of %d bytes: %w", n, len(data), err))
	}
	info, err := m.put(key, data)
	return info, m.end(c, err)
}

func (m *Memory) put(key string, data []byte) (store.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.objects[key]; taken {
		return store.Info{}, store.ErrExist
	}
	if m.objects == nil {
		m.objects = map[string]object{}
	}
	o := object{data: data}
	if m.Now != nil {
		o.modified = m.Now()
	}
	m.objects[key] = o
	return o.info(key), nil
}

func (o object) info(key string) store.Info {
	return store.Info{Key: key, Size: int64(len(o.data)), Modified: o.modified}
}

func (m *Memory) get(key string) (object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[key]
	if !ok {
		return object{}, store.ErrNotExist
	}
	return o, nil
}

// Open implements store.Store.
func (m *Memory) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c := Call{Op: OpOpen, Key: key, Offset: offset, Length: length}
	if err := m.begin(ctx, c); err != nil {
		return nil, err
	}
	o, err := m.get(key)
	if err := m.end(c, err); err != nil {
		return nil, err
	}
	switch {
	case offset < 0:
		return nil, wrap(c, errors.New("negative offset"))
	case offset > int64(len(o.data)):
		return nil, wrap(c, io.ErrUnexpectedEOF)
	}
	data, short := o.data[offset:], false
	if length >= 0 {
		short = length > int64(len(data))
		data = data[:min(length, int64(len(data)))]
	}
	var rc io.ReadCloser = &memoryReader{ctx: ctx, data: data, short: short}
	if m.Reading != nil {
		rc = m.Reading(c, rc)
	}
	return rc, nil
}

type memoryReader struct {
	ctx   context.Context
	data  []byte
	short bool
}

func (r *memoryReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(r.data) == 0 {
		if r.short {
			return 0, io.ErrUnexpectedEOF
		}
		return 0, io.EOF
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, nil
}

func (r *memoryReader) Close() error { return nil }

// Stat implements store.Store.
func (m *Memory) Stat(ctx context.Context, key string) (store.Info, error) {
	c := Call{Op: OpStat, Key: key}
	if err := m.begin(ctx, c); err != nil {
		return store.Info{}, err
	}
	o, err := m.get(key)
	return o.info(key), m.end(c, err)
}

// List implements store.Store.
func (m *Memory) List(ctx context.Context, prefix, after string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		c := Call{Op: OpList, Key: prefix}
		if err := m.begin(ctx, c); err != nil {
			yield(store.Info{}, err)
			return
		}
		for _, key := range m.Keys() {
			if !strings.HasPrefix(key, prefix) || key <= after {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(store.Info{}, wrap(c, err))
				return
			}
			o, err := m.get(key)
			if errors.Is(err, store.ErrNotExist) {
				continue
			}
			if !yield(o.info(key), nil) {
				return
			}
		}
		if err := m.end(c, nil); err != nil {
			yield(store.Info{}, err)
		}
	}
}
