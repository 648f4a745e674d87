package crawlertest

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
)

// bombSize is how much the gzip bomb unpacks to, in bytes.
const bombSize = 1 << 30

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", typeHTML)
	w.Header().Set("Content-Encoding", "gzip")
	_ = writeZeros(w, bombSize/zeroBlock) // fails when the client has had enough, which is what it should have
}

// zeroBlock is the unit of writeZeros, in bytes of zeros.
const zeroBlock = 1 << 20

// writeZeros writes one gzip member (RFC 1952) that unpacks to the given number of blocks of zeros. One block is deflated once and repeated:
// between two flushes the stream stands at a byte's edge, and after the first block the window is all zeros and stays so.
func writeZeros(w io.Writer, blocks int) error {
	first, repeated, last, err := zeroParts()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}); err != nil {
		return fmt.Errorf("writing the gzip header: %w", err)
	}
	zeros := make([]byte, zeroBlock)
	var sum uint32
	for i := range blocks {
		part := repeated
		if i == 0 {
			part = first
		}
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("writing block %d of zeros: %w", i, err)
		}
		sum = crc32.Update(sum, crc32.IEEETable, zeros)
	}
	tail := binary.LittleEndian.AppendUint32(last, sum)
	tail = binary.LittleEndian.AppendUint32(tail, uint32(uint64(blocks)*zeroBlock)) // modulo 2^32, as the RFC has it
	if _, err := w.Write(tail); err != nil {
		return fmt.Errorf("writing the gzip trailer: %w", err)
	}
	return nil
}

// zeroParts deflates the first block, one that follows it, and the empty block that ends the stream.
func zeroParts() (first, repeated, last []byte, err error) {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("deflating zeros: %w", err)
	}
	take := func(finish func() error) []byte {
		if err == nil {
			err = finish()
		}
		part := bytes.Clone(out.Bytes())
		out.Reset()
		return part
	}
	block := func() error {
		if _, err := z.Write(make([]byte, zeroBlock)); err != nil {
			return err
		}
		return z.Flush()
	}
	first, repeated, last = take(block), take(block), take(z.Close)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("deflating zeros: %w", err)
	}
	return first, repeated, last, nil
}
