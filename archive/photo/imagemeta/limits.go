package imagemeta

// What one file may cost. Together these keep a hostile file within 8 MiB of memory and a few dozen milliseconds, and are far above what
// honest files have.
const (
	// MaxStatements is how many statements of one file are kept.
	MaxStatements = 256
	// MaxValue is the longest value of a statement in bytes; a longer one is cut and flagged photo.Truncated.
	MaxValue = 8 << 10

	sniffBytes = 1024

	maxHeld  = 3 << 20   // bytes of metadata that are taken into memory, all in all
	maxXMP   = 2 << 20   // bytes of one XMP packet. Photoshop's list of ancestors makes some very long.
	maxIIM   = 256 << 10 // bytes of one IIM block. One with a preview may be longer; what matters stands in front.
	maxMeta  = 1 << 20   // bytes of the meta box of an ISO base media file: it lists items, it does not hold pictures
	maxText  = 512 << 10 // bytes of a profile in a text of a PNG file, in hexadecimal digits, and of a box that was compressed
	maxClaim = 64 << 10  // bytes of one claim or assertion of a C2PA manifest
	maxC2PA  = 128 << 10 // bytes of all of them
	maxSaid  = 512 << 10 // bytes of all statements

	maxSegments   = 4096    // of a JPEG file; boxes, resources and directory entries as well
	maxChunks     = 1 << 16 // of a PNG or WebP file
	maxSubBlocks  = 1 << 20 // of a GIF file
	maxGIF        = 32 << 20
	maxGarbage    = 64 << 10 // bytes between JPEG segments that belong to none
	maxDatasets   = 5000     // of one IIM block
	maxInflations = 16       // compressed texts
	maxBlocks     = 128      // of metadata
	maxLanguages  = 32       // in which one value is kept
	maxUnpacked   = 1 << 20  // bytes of an XMP packet that was compressed
	maxProblems   = 8
)
