package crawlertest

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// beginning is where bodies that do not come to an end begin.
const beginning = "<!doctype html>\n<html lang=\"en\"><title>It was a dark and stormy night</title>\n<p>The rain fell in torrents"

// broken adds the answers that break off, or do not come to an end.
func (a *Awkward) broken(handle func(string, http.HandlerFunc)) {
	handle(AwkwardEndless, endless)
	handle(AwkwardDrip, drip)
	handle(AwkwardStall, func(w http.ResponseWriter, r *http.Request) {
		begin(w, beginning)
		<-r.Context().Done()
	})
	handle(AwkwardSilent, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // else the server would answer 200 after all
	})
	handle(AwkwardTruncated, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "4096")
		begin(w, beginning+strings.Repeat(", except at occasional intervals", 32)[:1024-len(beginning)])
		panic(http.ErrAbortHandler)
	})
	handle(AwkwardCutChunk, func(w http.ResponseWriter, _ *http.Request) {
		begin(w, beginning)
		panic(http.ErrAbortHandler)
	})
	handle(AwkwardReset, reset)
	handle(AwkwardHugeHead, func(w http.ResponseWriter, _ *http.Request) {
		for range 1024 {
			w.Header().Add("X-Padding", strings.Repeat("pad ", 256))
		}
		say(w, http.StatusOK)
	})
}

// begin sends head and first bytes on their way.
func begin(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", typeHTML)
	_, _ = w.Write([]byte(text)) // a client that has gone has seen enough
	_ = http.NewResponseController(w).Flush()
}

func endless(w http.ResponseWriter, r *http.Request) {
	begin(w, beginning)
	more := []byte(strings.Repeat(", and the wind rattled along the housetops", 256))
	for r.Context().Err() == nil {
		if _, err := w.Write(more); err != nil {
			return
		}
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	every, err := time.ParseDuration(r.URL.Query().Get("every"))
	if err != nil || every <= 0 {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i = (i + 1) % len(beginning) {
		begin(w, beginning[i:i+1])
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// reset closes the connection with a RST: without lingering, what TCP does with unread data.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = inner.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // fails only on a connection that is gone already
	}
	_ = conn.Close()
}
