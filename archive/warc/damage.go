package warc

import (
	"errors"
	"fmt"
)

// Damage is the error of a file that does not hold up. Offset is the byte of the file up to which everything is whole: where the damaged
// record or the foreign bytes begin. Err says what is wrong.
type Damage struct {
	Offset int64
	Err    error
}

func (d *Damage) Error() string { return fmt.Sprintf("damaged at byte %d: %v", d.Offset, d.Err) }

func (d *Damage) Unwrap() error { return d.Err }

// Kinds of damage; match them with errors.Is. A CRC that does not fit is gzip.ErrChecksum of klauspost/compress.
var (
	ErrTorn    = errors.New("record is cut off")              // the file ends inside a record
	ErrForeign = errors.New("bytes that belong to no record") // garbage between or behind records
	ErrHeader  = errors.New("record header cannot be read")
	ErrLength  = errors.New("Content-Length does not fit the record")
)
