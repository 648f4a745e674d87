// Package ingest makes pages and photographs of records that are there already: of WARC files that other tools wrote (Import), and of what the
// archive itself holds, when the rules have improved (Rederive).
//
// # What is a page
//
// A WARC file says what was fetched and not, as a rule, what for. A page is a document of HTML that somebody wanted to see, which is told, in
// this order of trust:
//
//   - by a page's own record: those of this program (urn:pageinfo: metadata, {"page":…}), and those of browser-based crawlers (a resource of the same
//     scheme that lists the URLs which the page asked for);
//   - by hopsFromSeed in the metadata beside the answer, as Heritrix writes it: what was embedded (E, X), inferred (I) or a prerequisite (P) is
//     no page, what was linked (L) or a seed is;
//   - by what the request was for: Sec-Fetch-Dest, and WARC-Resource-Type;
//   - where nothing of this is there, as in the files of wget: every document that no other document of the import shows in a frame, and that has a
//     title or at least 200 characters of text.
//
// Answers other than 2xx, to other methods than GET, and what is not HTML are no pages. An answer that redirected to the page at about the same
// time is the way to it: the page is then listed under the URL that was asked.
//
// # What belongs to it
//
// The requisites are what the document names, what its style sheets and frames name, and what was asked for with the page as referrer, as far as
// the import holds them; of several captures the one that is nearest in time. Photographs come out of the document and of the image files by the
// same rules as of pages that the program captured itself.
//
// A page of an import is ok when all that it cannot do without is in the import, and partial otherwise; it is blocked or soft-404 when something
// stands in its place (package wall). Where this program wrote the page's own record, the word of that record counts.
//
// # Cost
//
// An import reads every file four times (whether it is known, copy, records, digest), and every document of HTML twice. It remembers about one
// kilobyte of each answer: an import of 300,000 took 0.6 GB at its peak. Larger ones are better made file by file.
//
// The package imports archive and the packages below it; it knows nothing of fetching.
package ingest
