package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"tearsheet/archive"
	"tearsheet/archive/store"
	"tearsheet/config"
	"tearsheet/crawler/wire"
)

// code is an exit status of the process. Scripts depend on these numbers: they are never given another meaning.
type code int

const (
	codeOK            code = 0
	codeInternal      code = 1
	codeUsage         code = 2
	codeConfiguration code = 3
	codePartial       code = 4
	codeNothing       code = 5
	codeStorage       code = 7
	codeUpload        code = 8
	codeBlocked       code = 9
	codeTimeLimit     code = 10
	codeFixity        code = 11
	codeNotArchived   code = 12
	codeInterrupted   code = 130 // SIGINT
	codeTerminated    code = 143 // SIGTERM
)

// String says what the code means, as the help texts print it.
func (c code) String() string {
	switch c {
	case codeOK:
		return "all good"
	case codeInternal:
		return "an error that no other code stands for"
	case codeUsage:
		return "usage: a flag, an argument or a URL is wrong"
	case codeConfiguration:
		return "configuration: the configuration file is wrong, or this version cannot use the archive that was named"
	case codePartial:
		return "partial: some pages failed, or lack something that belongs to them"
	case codeNothing:
		return "nothing was captured"
	case codeStorage:
		return "the disk or the archive is full, or cannot be written or read"
	case codeUpload:
		return "a finished run could not be stored, or not be proven there; it is kept here, and the next command tries again"
	case codeBlocked:
		return "every page was blocked: by robots.txt, a challenge, a consent wall or a paywall"
	case codeTimeLimit:
		return "the time limit was reached; what was whole is archived"
	case codeFixity:
		return "fixity failure: something in the archive is not what was written"
	case codeNotArchived:
		return "not in the archive"
	case codeInterrupted, codeTerminated:
		return "interrupted by a signal; what was whole is archived"
	default:
		return fmt.Sprintf("code %d", int(c))
	}
}

// exitStatus is the EXIT STATUS section of a command's help: the codes that it can end with, beside those that every command can.
func exitStatus(own ...code) map[string]string {
	var b strings.Builder
	codes := append([]code{codeOK, codeInternal, codeUsage}, own...)
	for _, c := range codes {
		fmt.Fprintf(&b, "  %3d  %s\n", int(c), c)
	}
	return map[string]string{annotationExit: b.String()}
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef makes a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// resultError ends a command that did its work, with a result that is not all good.
type resultError struct {
	code code
	error
}

func (e resultError) Unwrap() error { return e.error }

// resultf makes a resultError.
func resultf(c code, format string, args ...any) error {
	return resultError{c, fmt.Errorf(format, args...)}
}

// errTimeLimit is the cause of a context that --max-time ended.
var errTimeLimit = errors.New("the time limit (--max-time) was reached")

// codeOf gives the exit code that an error stands for.
func codeOf(err error) code {
	if err == nil {
		return codeOK
	}
	var result resultError
	var signal interruption
	var usage usageError
	var configuration *config.Error
	var exchange *wire.Error
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.As(err, &result):
		return result.code
	case errors.As(err, &signal):
		return signal.code()
	case errors.As(err, &usage):
		return codeUsage
	case errors.As(err, &configuration), is(archive.ErrNewerFormat), is(archive.ErrUnsigned) && !is(archive.ErrUpload):
		return codeConfiguration
	case is(errTimeLimit, context.DeadlineExceeded):
		return codeTimeLimit
	case is(archive.ErrFixity):
		return codeFixity
	case is(archive.ErrNotArchived):
		return codeNotArchived
	case errors.As(err, &exchange) && exchange.Class != wire.ClassArchive:
		return codeNothing
	case is(archive.ErrUpload) && !is(store.ErrFull, store.ErrReadOnly):
		return codeUpload
	case is(store.ErrFull, store.ErrReadOnly, store.ErrUnavailable, store.ErrMismatch, store.ErrUnconditional, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.ENOTDIR):
		return codeStorage
	default:
		return codeInternal
	}
}
