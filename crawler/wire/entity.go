package wire

import (
	"errors"
	"io"

	"tearsheet/archive/warc"
)

// entity reads the entity of a spooled answer: the body without transfer coding, content coding kept.
type entity struct {
	io.Reader
	body spooledBody
}

// spooledBody reads what follows the head.
type spooledBody struct {
	block io.Reader
	err   error // of the spool, apart from errors of what is in it
}

func newEntity(x *warc.Exchange, l *Limits) *entity {
	e := &entity{body: spooledBody{block: io.NewSectionReader(x.Response, x.HeadLength, x.Response.Size()-x.HeadLength)}}
	e.Reader = &e.body
	if x.Chunked {
		e.Reader = l.chunks().Reader(&e.body)
	}
	return e
}

func (b *spooledBody) Read(p []byte) (int, error) {
	n, err := b.block.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}
