//go:build !unix

package wire

import "net"

// socketQuiet cannot look here without taking; a connection that the origin closed is found when it is used, and the request repeated.
func socketQuiet(net.Conn) bool { return true }
