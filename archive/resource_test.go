package archive

import "testing"

func TestResourcesAreNamedAsADataPackageWantsIt(t *testing.T) {
	var files []Object
	want := []string{"crawl.warc.gz", "2-crawl.warc.gz", "a_b_1___.warc", "____.warc.gz", "2-____.warc.gz", "3-____.warc.gz", "pages.jsonl", "2-pages.jsonl"}
	for _, p := range []string{
		"archive/crawl.warc.gz", "archive/Crawl.warc.gz", "archive/a b(1)&\x1b.warc", "archive/新聞の山.warc.gz", "archive/<あ>*.warc.gz",
		"archive/____.warc.gz", "pages/pages.jsonl", "photos/pages.jsonl",
	} {
		files = append(files, Object{Path: p, Bytes: int64(len(files))})
	}
	for i, r := range NewResources(files) {
		if r.Name != want[i] || r.Object != files[i] || !resourceName.MatchString(r.Name) {
			t.Errorf("%q is named %q, want %q", r.Path, r.Name, want[i])
		}
	}
}
