//go:build !(linux || darwin || freebsd)

package store

import "errors"

// FreeSpace gives the bytes that this user may still write to the file system of a folder. Where the system does not tell, the error is
// errors.ErrUnsupported.
func FreeSpace(string) (int64, error) { return 0, errors.ErrUnsupported }
