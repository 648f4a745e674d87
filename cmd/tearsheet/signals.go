package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// interruption is the cause of a context that a signal ended.
type interruption struct{ signal syscall.Signal }

func (i interruption) Error() string {
	return fmt.Sprintf("interrupted (%v)", i.signal)
}

// code follows the shells: 128 and the signal's number.
func (i interruption) code() code { return code(128 + int(i.signal)) }

// interruptible returns a context that the first SIGINT or SIGTERM ends, with an interruption as its cause, so that a command can bring what
// it has begun to an end. The second ends the process at once, which an archive survives: the next command recovers it. Call stop to give
// the signals back.
func interruptible(parent context.Context, stderr io.Writer) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	signal.Ignore(syscall.SIGXFSZ) // a file size limit (ulimit -f) is then a failed write like that on a full disk, and no crash
	signal.Ignore(syscall.SIGPIPE) // a run is committed also when nobody reads the summary any more (capture | head)
	go func() {
		for first := true; ; first = false {
			select {
			case s := <-signals:
				i := interruption{s.(syscall.Signal)}
				if !first {
					fmt.Fprintln(stderr, "tearsheet: interrupted again: stopped at once")
					os.Exit(int(i.code()))
				}
				if terminal(stderr) {
					fmt.Fprintln(stderr, "\ntearsheet: coming to an end; what is whole is kept. Interrupt again to stop at once.")
				}
				cancel(i)
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
