// Package likeness tells whether two image files show the same picture: scaled, compressed or encoded in another way, but neither cropped nor
// turned into black and white. It errs on the side of difference, as what is said of the one will be said of the other.
//
// A [Print] is a perceptual hash (corona10/goimagehash, 256 bits by the discrete cosine transform) with the picture's proportions and its colours
// in a coarse grid, since pictures that differ in colour alone have nearly the same hash. Prints cost the decoding of a picture: they are made when
// somebody asks which photographs are alike, and never while capturing.
//
// Of ours the package imports raster, for it compares what raster decodes.
package likeness

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/bits"

	"github.com/corona10/goimagehash"
	"golang.org/x/image/draw"

	"tearsheet/archive/photo/raster"
)

// How far two prints of one picture may be apart. Of a drawn picture in 160 to 1280 pixels, JPEG of quality 40 to 82 and GIF, 95 of 100 pairs of
// prints were within 24 bits and none beyond 40; of two pictures, none was within 80 unless one was drawn from the other.
const (
	maxBits       = 24   // of 256
	maxColour     = 8    // of 255, in the mean over the grid
	maxProportion = 0.03 // of width to height
)

const (
	hashSide = 16  // of the hash, in bits
	grid     = 8   // of the colours, in fields
	workSide = 512 // pixels to which a picture is scaled down first
	leastDim = 64  // pixels; what is smaller has too little in it
	leastDev = 4   // of 255: the standard deviation of a picture that is not all but one colour
)

// ErrTooPlain says that a picture has too little in it to be told from others: it is all but one colour, or very small.
var ErrTooPlain = errors.New("the picture has too little in it to be compared")

// Print is what is compared of a picture.
type Print struct {
	hash       [hashSide * hashSide / 64]uint64
	colours    [grid * grid * 3]uint8
	proportion float64
}

// Of makes the print of a picture. The error wraps ErrTooPlain.
func Of(img image.Image) (Print, error) {
	size := img.Bounds().Size()
	if size.X < leastDim || size.Y < leastDim {
		return Print{}, fmt.Errorf("%w: it is %d × %d pixels", ErrTooPlain, size.X, size.Y)
	}
	img = raster.Fit(img, workSide)
	p := Print{proportion: float64(size.X) / float64(size.Y)}
	coarse := image.NewRGBA(image.Rect(0, 0, grid, grid))
	draw.BiLinear.Scale(coarse, coarse.Bounds(), img, img.Bounds(), draw.Src, nil)
	for i := range grid * grid {
		copy(p.colours[3*i:], coarse.Pix[4*i:4*i+3])
	}
	if p.deviation() < leastDev {
		return Print{}, fmt.Errorf("%w: it is all but one colour", ErrTooPlain)
	}
	h, err := goimagehash.ExtPerceptionHash(img, hashSide, hashSide)
	if err != nil {
		return Print{}, err
	}
	copy(p.hash[:], h.GetHash())
	return p, nil
}

// deviation is the standard deviation of the brightness over the grid, of 255.
func (p *Print) deviation() float64 {
	var sum, squares float64
	for i := range grid * grid {
		r, g, b := p.colours[3*i], p.colours[3*i+1], p.colours[3*i+2]
		y, _, _ := color.RGBToYCbCr(r, g, b)
		sum += float64(y)
		squares += float64(y) * float64(y)
	}
	const n = grid * grid
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}

// Like reports whether two prints are of the same picture.
func (p *Print) Like(o *Print) bool {
	apart := 0
	for i := range p.hash {
		apart += bits.OnesCount64(p.hash[i] ^ o.hash[i])
	}
	if apart > maxBits || math.Abs(p.proportion/o.proportion-1) > maxProportion {
		return false
	}
	sum := 0
	for i, v := range p.colours {
		sum += max(int(v), int(o.colours[i])) - min(int(v), int(o.colours[i]))
	}
	return sum <= maxColour*len(p.colours)
}
