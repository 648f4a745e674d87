// Package crawlertest is a newspaper to crawl: The Harbour Courier, served on loopback, with articles, photographs, credits, feeds and sitemaps
// that are all made up. It stands to the crawler as net/http/httptest stands to net/http, and the demo command shows the tool on it.
//
// # The model
//
// [Start] prints an edition and serves it. The edition is made from [Options] alone: equal options give equal bodies, except that absolute
// URLs name the listener's port unless [Options.Origin] is set. What the paper holds is known, so that tests ask it and repeat no strings:
// [Newspaper.Articles] and [Newspaper.Photographs] give headline, dates, captions, where each credit stands on the page and in the file, and
// in [Photograph.Want] what a reader would say is right. [Newspaper.Requisites] lists what a whole capture of an article must fetch.
//
// The server counts. Every request that reaches it is in [Newspaper.Requests], so that a crawl test can hold that each is one record in the
// archive and none is there twice.
//
// [Newspaper.Edit] changes an article between two captures. [Newspaper.Handle] puts a page of a test's own into the paper. Below
// [AwkwardPrefix] the paper mounts an [Awkward] origin: error statuses, endless redirects and bodies, a gzip bomb, walls and challenges.
//
// # What is served
//
//	/                              front page
//	/{section}/  /{section}/page/2/   section fronts
//	/{section}/2026/11/20/{slug}   articles; any query is ignored, as tracking parameters are
//	/story/{number}                old addresses, 301 to the article
//	/amp/{section}/…/{slug}        AMP alternates of some articles
//	/tag/{tag}/  /authors/{name}/  lists
//	/photos/{slug}-{width}.{ext}   photographs in their renditions
//	/feeds/rss.xml  /feeds/atom.xml  /feeds/feed.json  /{section}/rss.xml
//	/sitemap.xml                   index of /sitemaps/articles.xml, /sitemaps/archive.xml.gz, /sitemaps/news.xml
//	/robots.txt                    forbids /private/ and /search
//	/a/{anything}                  soft 404: the words "Page not found" with status 200
//	anything else                  404
//
// Everything carries ETag and Last-Modified and answers conditional and range requests; texts are gzipped for clients that ask.
//
// # What it does not know
//
// The package imports nothing of this module but its own darkroom. It has no notion of archives, and what it believes to be a right credit is
// written down by hand, not derived by the code under test.
package crawlertest
