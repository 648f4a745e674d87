// Package archive is the archive: runs of captures under a log that can only grow.
//
// # The model
//
// The WARC files are the truth. Everything else in a run (index, pages, photographs, manifest) can be made again from them, which is what
// Recover and Verify do.
//
// A run is an unpacked WACZ 1.1.1 below runs/<id>/:
//
//	runs/<id>/archive/*.warc.gz       records (package warc)
//	runs/<id>/indexes/index.cdx.gz    CDXJ rows in ZipNum blocks (package index)
//	runs/<id>/indexes/index.idx       first key of each block
//	runs/<id>/pages/pages.jsonl       one row a page, with the place of every requisite
//	runs/<id>/photos/photos.jsonl     one row a photograph, with all that is said of it and the place of its files
//	runs/<id>/photos/derived.jsonl    in runs of kind derive: pages of other runs, read again
//	runs/<id>/datapackage.json        the manifest: size and SHA-256 of all the files above, and how the run went (Manifest)
//	log/<9999999999-n>.json           entry n of the log: digest of the manifest, digest of entry n-1 (Entry)
//	index/<n>-<id>-<x>.idx.gz         the merged index of all runs up to entry n (index.Merged), and its levels, *.cdx.gz
//	FORMAT.md                         all this in plain words, for somebody who has nothing but the archive
//
// A run id is the UTC second at which the run began and fifty random bits, in lower case: ids sort by time. Entry numbers count from 1 and are stored
// inverted, so that the first key of a listing is the newest entry.
//
// # How a run comes to be
//
// Begin makes a folder of the same layout in the local work folder and holds a lock on it. Record and AddPage append to it, Sync makes what
// was appended durable, and Commit seals the files, stores them in the order data, indexes, pages, photographs, manifest, and then creates the
// log entry.
// Objects are created once and never changed. The creation of the log entry is the commit: of two writers that try the same n one loses,
// reads the winner and tries n+1, so the chain cannot fork. Readers do not look at runs that have no entry. What stands in log/ and is not
// named like an entry is passed over by all but Verify.
//
// A store far away that tells what it holds (store.Attesting) gets the WARC files while the run goes on, then the other files, and the manifest last, which
// keeps what the store said of each. Local files go when that is so.
//
// The entry names a merged index that was made of the one before and of the run's own rows, in the same breath; look-ups go by it. It also carries the
// Merkle tree of all entries (package notary), from which the next one goes on without reading the others, and where there is a key the signed root, with the digest of the entry: so
// the signature is over all that stands before it in the log. Nobody signs a tree that only an unsigned entry tells: then all entries are read.
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
// TLS lets nobody prove later what a host sent, but what it showed of itself is evidence of whom the crawler spoke with. So Record writes, before
// the first exchange that brings them, the certificates of a host, once for each host, port and chain in a run, as a resource record whose target
// is urn:tls:host:port (warc.NewCertificates). Certificates that were refused, or believed only because nobody asked, are kept too, and
// say so. The metadata of each exchange names the record in tlsCertificates. The index lists it, so that it is found without reading (Certificates),
// and no page or count does.
//
// AddPage writes a metadata record of type application/json that refers to the page's own response record. Its target is urn:pageinfo: and the
// page's URL, as Browsertrix has it, so that no index takes it for the page. Its block is an object with one member named for what it
// holds: {"page":…}, where … is byte for byte the page's row in pages.jsonl. The members of a row are those of Page: id, url, final_url, ts,
// title, authors, published, modified, site, section, language, canonical, verdict, reasons, hops, capture, requisites, photos, extractor; those
// of an exchange in it are the members of Kept, those of a photograph are the members of Photo, with its statements and files.
//
// WARC-Refers-To may stand once (WARC 1.1 §5.11): it names the page's response. The records of the files of its photographs are named in the
// block, and in WARC-Concurrent-To (§5.7) where all came out of one capture event: of an import or a derivation that cannot be said.
//
// # Photographs
//
// A row of photos.jsonl is made of a page's row and nothing else: it is a schema.org ImageObject for other programs, and the whole Photo with its
// page for this one. Agencies are in provider, who supplied a work, because that is true of an agency and of a library that resells it;
// sourceOrganization, on whose behalf the creator worked, is more than a credit line says.
//
// AddDerived lists a page of another run that was read again with better rules, in photos/derived.jsonl, and its photographs; the block of its
// record is {"derived":…}. Its row keeps the page's id and names the run that captured it in run; so do the positions in it. Such a page is no
// capture: Pages does not list it, and the counts of its run do not count it. Photos gives the newest derivation of a page and no older one.
//
// # Files of other tools
//
// AddFile takes WARC files of others into a run of kind import as they are. Their names never begin with a run id, as those of a run's own
// files do (Foreign). Their records are judged by their bytes: digests are computed where none are stated, and what a record states wrongly,
// what cannot be indexed, and damage that the file came with are noted in the manifest (Imported) and no problem to Verify, which proves
// by the file's digest that it is as it came, and that the index leads to its records. Page records in them are of another archive, and list
// nothing here. An import whose process dies is removed by Recover, as its files are where they came from.
//
// # Fixity
//
// All digests in log and manifest are of bytes as they are stored; nothing is brought into a canonical form first. In an entry of the log,
// manifest.hash is the SHA-256 of the whole datapackage.json, and previous is that of the whole file of entry n-1 with its line end. The
// manifest has the SHA-256 of every other file of the run. self, the last member of an entry, is the SHA-256 of the entry without it: of the
// bytes before ,"self" and a closing brace, without line end. With standard tools:
//
//	sed 's/,"self":"[^"]*"}$/}/' log/9999999998.json | tr -d '\n' | sha256sum
//
// Entries behind the newest one that is left cannot be missed by who only reads the log. So every commit leaves a Checkpoint in the work folder,
// which Verify compares the log with.
//
// # Verify
//
// What Verify finds at which level, in a store that keeps versions and locks:
//
//	0  LevelList    an object that is missing, cut, or too many; a manifest, or an entry of the log, that was altered; an entry that is missing or
//	                was dropped (by a checkpoint); a delete marker, an overwritten object, another version than the one that was committed
//	1  LevelStated  a checksum that differs from the manifest's; a retention that was shortened, a weaker lock, a legal hold that was removed
//	2  LevelSample  damage to the index, and with some probability (Sample.Below) damaged records and rows of the index that lie
//	3  LevelFull    every flipped byte; lists, index and records that do not say the same
//
// What is an orphan, and what gc may remove: Orphans.
//
// # Cost
//
// Begin costs three fsyncs side by side: of the run's folder, of the work folder, and of the folder above it, without which a power failure
// could take synced files with the way to them. Sync costs one (of the WARC file; pages.jsonl can be made again), and the first Sync one
// more, of the WARC file's folder. Commit costs one for the WARC file and one for its folder, then
// one round of five side by side for index, pages, photographs and manifest; a folder store adds a round of six folders, and one fsync each for
// the log entry and its folder, and the checkpoint costs one: 16 fsyncs in seven rounds for a run of one WARC file, and two more for FORMAT.md in
// the first run of an archive.
// WARC files are read once more for their SHA-256, from the page cache as a rule, at some 0.6 ms a megabyte.
//
// The package knows nothing of HTTP clients, crawling or politeness: package crawler hands it exchanges, and cmd asks it questions. It must
// not import crawler.
package archive
