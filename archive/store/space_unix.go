//go:build linux || darwin || freebsd

package store

import (
	"fmt"
	"math"
	"syscall"
)

// FreeSpace gives the bytes that this user may still write to the file system of a folder. Where the system does not tell, the error is
// errors.ErrUnsupported.
func FreeSpace(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return int64(min(uint64(max(s.Bavail, 0))*uint64(s.Bsize), math.MaxInt64)), nil //nolint:unconvert // FreeBSD has a signed Bavail
}
