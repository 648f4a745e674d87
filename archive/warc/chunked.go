package warc

import (
	"errors"
	"fmt"
)

// maxChunkLine bounds the line with a chunk's size and extensions, in bytes, where nobody says otherwise.
const maxChunkLine = 8 << 10

// Chunks removes the framing of a chunked body (RFC 9112 §7.1) as its bytes come, however they are cut. It forgives what every browser
// forgives: bare LF at line ends, leading zeros, blanks behind the size. The crawler feeds it from the socket, and Dechunk from a record, so
// that both see the same entity. The zero value is ready, with a bound of 8 KiB for a line and none for the trailers.
type Chunks struct {
	LineBytes int // most bytes of a chunk-size or trailer line; 0 means 8 KiB
	Trailers  int // most trailer lines; 0 means no bound

	state  chunkState
	begun  bool   // a chunk-size line was read to its end
	left   uint64 // of the chunk's data
	line   int    // bytes of the line so far
	lines  int    // trailer lines so far
	filled bool   // a size line has its first digit, a trailer line any content
}

type chunkState uint8

const (
	chunkSize      chunkState = iota
	chunkBlank                // blanks between the size and ';' or the line's end
	chunkExtension            // to the end of the line
	chunkSizeEnd              // CR was read
	chunkData
	chunkDataEnd // CRLF behind the data
	chunkDataLF
	chunkTrailer
	chunkDone
)

var (
	// ErrNotChunked is wrapped by the error of a body that breaks the grammar of chunks. When Begun is false, it was never chunked.
	ErrNotChunked = errors.New("not chunked")
	// ErrChunkLimit is wrapped by the error of chunk framing beyond the bounds of a Chunks.
	ErrChunkLimit = errors.New("chunk framing is too long")
)

// Begun reports whether a chunk-size line was read to its end: until then a body may turn out to be not chunked at all.
func (c *Chunks) Begun() bool { return c.begun }

// Whole reports whether the last chunk has come. What follows, trailers and an empty line, carries no data: a body cut there is complete
// (RFC 9112 §8).
func (c *Chunks) Whole() bool { return c.state >= chunkTrailer }

// Done reports whether the message ended.
func (c *Chunks) Done() bool { return c.state == chunkDone }

// Next eats p from its start up to the end of a piece of data, of the message or of p. It returns the piece, which lies in p and may be
// empty, and the number of bytes eaten, the one that broke the grammar included. The error wraps ErrNotChunked or ErrChunkLimit.
func (c *Chunks) Next(p []byte) (data []byte, n int, err error) {
	most := c.LineBytes
	if most == 0 {
		most = maxChunkLine
	}
	for n < len(p) && c.state != chunkDone {
		if c.state == chunkData {
			size := int(min(c.left, uint64(len(p)-n)))
			data = p[n : n+size]
			n += size
			if c.left -= uint64(size); c.left == 0 {
				c.state, c.line = chunkDataEnd, 0
			}
			return data, n, nil
		}
		if c.line >= most {
			return nil, n, fmt.Errorf("%w: a line of more than %d bytes", ErrChunkLimit, most)
		}
		b := p[n]
		n++
		if err := c.framing(b); err != nil {
			return nil, n, err
		}
	}
	return nil, n, nil
}

// framing takes one byte that is not data.
func (c *Chunks) framing(b byte) error {
	c.line++
	switch c.state {
	case chunkSize, chunkBlank, chunkSizeEnd:
		return c.sizeByte(b)
	case chunkExtension:
		if b == '\n' {
			c.endSize()
		}
	case chunkDataEnd:
		switch b {
		case '\r':
			c.state = chunkDataLF
		case '\n':
			c.nextChunk()
		default:
			return fmt.Errorf("%w: %q in place of the line end behind a chunk", ErrNotChunked, b)
		}
	case chunkDataLF:
		if b != '\n' {
			return fmt.Errorf("%w: %q in place of the line feed behind a chunk", ErrNotChunked, b)
		}
		c.nextChunk()
	case chunkTrailer:
		return c.trailerByte(b)
	}
	return nil
}

func (c *Chunks) sizeByte(b byte) error {
	value, hex := hexValue(b)
	switch {
	case c.state == chunkSize && hex:
		if c.left >= 1<<58 {
			return fmt.Errorf("%w: a chunk's size is beyond all bounds", ErrNotChunked)
		}
		c.left, c.filled = c.left<<4|value, true
	case !c.filled, c.state == chunkSizeEnd && b != '\n':
		return fmt.Errorf("%w: %q in a chunk's size", ErrNotChunked, b)
	case b == '\n':
		c.endSize()
	case b == '\r':
		c.state = chunkSizeEnd
	case b == ';':
		c.state = chunkExtension
	case b == ' ' || b == '\t':
		c.state = chunkBlank
	default:
		return fmt.Errorf("%w: %q in a chunk's size", ErrNotChunked, b)
	}
	return nil
}

func (c *Chunks) endSize() {
	c.begun, c.line = true, 0
	c.state = chunkData
	if c.left == 0 {
		c.state = chunkTrailer
	}
}

func (c *Chunks) nextChunk() { c.state, c.line, c.left, c.filled = chunkSize, 0, 0, false }

func (c *Chunks) trailerByte(b byte) error {
	if c.line == 1 {
		c.filled = false
	}
	switch {
	case b != '\n':
		c.filled = c.filled || b != '\r' || c.line > 1
	case !c.filled:
		c.state = chunkDone
	default:
		c.line = 0
		if c.lines++; c.Trailers > 0 && c.lines > c.Trailers {
			return fmt.Errorf("%w: more than %d trailers", ErrChunkLimit, c.Trailers)
		}
	}
	return nil
}

func hexValue(b byte) (value uint64, ok bool) {
	switch {
	case '0' <= b && b <= '9':
		return uint64(b - '0'), true
	case 'a' <= b && b <= 'f':
		return uint64(b-'a') + 10, true
	case 'A' <= b && b <= 'F':
		return uint64(b-'A') + 10, true
	}
	return 0, false
}
