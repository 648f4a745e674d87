package main

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdOldWARC (usage: old-warc FILE URL...) writes what the paper answers to a plain WARC 1.0 file, as wget would.
func cmdOldWARC(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: old-warc FILE URL...")
	}
	var b strings.Builder
	record := func(n int, kind, url, contentType, block string) {
		fmt.Fprintf(&b, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%08d-0000-4000-8000-000000000000>\r\nWARC-Date: %s\r\n",
			kind, n, time.Date(2020, 2, 3, 4, 5, n, 0, time.UTC).Format(time.RFC3339))
		if url != "" {
			fmt.Fprintf(&b, "WARC-Target-URI: <%s>\r\n", url)
		}
		fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", contentType, len(block), block)
	}
	record(0, "warcinfo", "", "application/warc-fields", "software: a tool of old\r\n")
	for i, url := range args[1:] {
		response, err := http.Get(url)
		ts.Check(err)
		message, err := httputil.DumpResponse(response, true)
		ts.Check(err)
		ts.Check(response.Body.Close())
		record(i+1, "response", url, "application/http;msgtype=response", string(message))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}
