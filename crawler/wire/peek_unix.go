//go:build unix

package wire

import (
	"net"
	"syscall"
)

// socketQuiet looks whether the socket has neither data nor an end to give, without taking anything and without waiting.
func socketQuiet(c net.Conn) bool {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	var b [1]byte
	var n int
	var peeked error
	err = raw.Read(func(fd uintptr) bool {
		n, _, peeked = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && n <= 0 && (peeked == syscall.EAGAIN || peeked == syscall.EWOULDBLOCK)
}
