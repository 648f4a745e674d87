// Package archive is the archive: runs of captures under a log that can only grow.
//
// # The model
//
// The WARC files are the truth. Everything else in a run (index, pages, manifest) can be made again from them, which is what Recover and
// Verify do.
//
// A run is an unpacked WACZ 1.1.1 below runs/<id>/:
//
//	runs/<id>/archive/*.warc.gz       records (package warc)
//	runs/<id>/indexes/index.cdx.gz    CDXJ rows in ZipNum blocks (package index)
//	runs/<id>/indexes/index.idx       first key of each block
//	runs/<id>/pages/pages.jsonl       one row a page, with the place of every requisite
//	runs/<id>/datapackage.json        the manifest: size and SHA-256 of all the files above, and how the run went (Manifest)
//	log/<9999999999-n>.json           entry n of the log: digest of the manifest, digest of entry n-1 (Entry)
//
// A run id is the UTC second at which the run began and fifty random bits: ids sort by time. Entry numbers count from 1 and are stored
// inverted, so that the first key of a listing is the newest entry.
//
// # How a run comes to be
//
// Begin makes a folder of the same layout in the local work folder and holds a lock on it. Record and AddPage append to it, Sync makes what
// was appended durable, and Commit seals the files, stores them in the order data, indexes, pages, manifest, and then creates the log entry.
// Objects are created once and never changed. The creation of the log entry is the commit: of two writers that try the same n one loses,
// reads the winner and tries n+1, so the chain cannot fork. Readers do not look at runs that have no entry.
//
// A process that dies leaves its folder and a free lock. Recover, in any later process, either finishes the commit (the folder holds a whole
// manifest, so all its files are final) or cuts torn records off, makes index and pages again, and commits what stands.
//
// # Records
//
// Record writes response (or revisit), request and metadata together, the first two as WARC 1.1 has them, the last as
// application/warc-fields with the names of Heritrix: via, hopsFromSeed, seed, fetchTimeMs. An exchange that brought nothing back is a
// request and a metadata record.
//
// AddPage writes a metadata record of type application/json that refers to the page's own response record. Its block is an object with one
// member named for what it holds: {"page": …}, where … is byte for byte the page's row in pages.jsonl.
//
// # Cost
//
// Sync costs one fsync (of the WARC file; pages.jsonl can be made again). Commit costs one for the WARC file and one for its folder, then
// one round of four side by side for index, pages and manifest; a folder store adds a round of five folders, and one fsync each for the log
// entry and its folder: 13 fsyncs in six rounds for a run of one WARC file. WARC files are read once more for their SHA-256, from the page
// cache as a rule, at some 0.6 ms a megabyte.
//
// The package knows nothing of HTTP clients, crawling or politeness: package crawler hands it exchanges, and cmd asks it questions. It must
// not import crawler.
package archive
