package imagemeta

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// everyCarrier is a file of each format with everything that it can carry.
func everyCarrier(t testing.TB) map[string][]byte {
	exif := directory(bigEndian, []tiffTag{text(tagDescription, "Boats"), text(tagArtist, "Jane Doe; John Roe"), {tagXPAuthor, typeByte, []byte("J\x00\x00\x00")}}, []tiffTag{text(tagPhotograph, "Jane Doe")})
	iim := cat(ds(1, 90, declaresUTF8), byline("Jane Doe"), ds(2, 110, "AFP/Getty Images"), ds(2, 120, "Zoë in a boat"))
	x := packet(creditElement + `<dc:creator><rdf:Seq><rdf:li>Jane Doe</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© AFP</rdf:li><rdf:li xml:lang="de">© AFP</rdf:li></rdf:Alt></dc:rights>` +
		`<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorURL>https://afp.example/</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>`)
	store := manifestStore(t)
	jpeg := slices.Concat([][]byte{exifSegment(exif), segment(markerAPP13, headIRB, resource(resourceIIM, "", iim), resource(resourceDigest, "", make([]byte, 16))), extendedXMP(creditElement, x, 700)},
		jumbfSegments(store, 800), [][]byte{segment(markerCOM, "Photo by Jane Doe")})
	return map[string][]byte{
		"jpeg": jpegFile(jpeg...),
		"png": pngFile(chunk("eXIf", exif), chunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00", deflated(x)), chunk("zTXt", "Raw profile type iptc\x00\x00", deflated(hexProfile("iptc", iim))),
			chunk("caBX", store), chunk("tEXt", "Author\x00Zo\xEB")),
		"webp": riff(vp8, riffChunk("EXIF", exif), riffChunk("XMP ", []byte(x)), riffChunk("C2PA", store)),
		"gif":  gifFile(gifXMP(x), cat(gifBlocks("!\xFE", []byte("Photo by Jane Doe")), gifBlocks("!\xFF\x0BC2PA_GIF\x01\x00\x00", store))),
		"tiff": directory(littleEndian, []tiffTag{text(tagArtist, "Jane Doe"), {tagXMP, typeByte, []byte(x)}, {tagIIM, typeByte, iim}, {tagResources, typeByte, resource(resourceIIM, "", iim)}, {tagC2PA, 7, store}}, []tiffTag{text(tagPhotograph, "J")}),
		"avif": cat(isoWithItems(exif, x), isoBox("uuid", cat(uuidXMP, x)), isoBox("uuid", cat(uuidC2PA, "\x00\x00\x00\x00manifest\x00", make([]byte, 8), store))),
		"jxl":  jxlContainer(isoBox("xml ", []byte(x)), isoBox("Exif", be32(0), exif), isoBox("brob", []byte("xml "), brotlied(x)), store),
		"svg":  []byte(`<svg width="64" height="48"/>`),
		"bmp":  append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x1A\x00\x00\x00\x28\x00\x00\x00"), 64, 0, 0, 0, 48, 0, 0, 0),
	}
}

func brotlied(s string) []byte {
	var b bytes.Buffer
	z := brotli.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.Bytes()
}

func TestCutFilesGiveWhatIsInFront(t *testing.T) {
	for format, file := range everyCarrier(t) {
		t.Run(format, func(t *testing.T) {
			whole := len(read(t, file).Statements)
			before := 0
			for i := 1; i <= 16; i++ {
				cut := file[:len(file)*i/16]
				if Sniff(cut) == "" {
					continue
				}
				m := read(t, cut)
				if n := len(m.Statements); n < before-1 || n > whole+1 { // what is cut may give way to a doubt
					t.Errorf("%d/16 give %d statements, less before, %d in all:\n%s", i, n, whole, said(m.Statements))
				} else {
					before = n
				}
				if i < 16 && m.Damage == nil && format != "bmp" && format != "svg" && format != "tiff" && format != "jpeg" {
					t.Errorf("%d/16 are cut, and no damage is told", i)
				}
			}
			if before != whole {
				t.Errorf("%d statements of %d at the end", before, whole)
			}
		})
	}
}

// endless is a file of a pattern, which takes no memory.
type endless struct {
	head, pattern []byte
}

const endlessSize = 1 << 30

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(e.head)) {
		n = copy(p, e.head[off:])
	}
	for n < len(p) {
		at := (off + int64(n) - int64(len(e.head))) % int64(len(e.pattern))
		n += copy(p[n:], e.pattern[at:])
	}
	return n, nil
}

// hostileFiles cost as much as a file can.
func hostileFiles(t testing.TB) map[string]io.ReaderAt {
	files := map[string]io.ReaderAt{
		"JPEG of empty segments":      endless{[]byte("\xFF\xD8\xFF"), []byte("\xFF\xE0\x00\x02")},
		"JPEG of fill bytes":          endless{[]byte("\xFF\xD8\xFF"), []byte("\xFF")},
		"JPEG of garbage":             endless{[]byte("\xFF\xD8\xFF\xE0\x00\x02"), []byte("\x00\x01")},
		"JPEG of comments":            endless{[]byte("\xFF\xD8"), segment(markerCOM, bytes.Repeat([]byte("\xE9"), 60000))},
		"JPEG of XMP":                 endless{[]byte("\xFF\xD8"), xmpSegment(packet(strings.Repeat(creditElement, 1000)))},
		"JPEG of IIM":                 endless{[]byte("\xFF\xD8"), segment(markerAPP13, byline("a"), bytes.Repeat(ds(2, 120, strings.Repeat("\xE9", 2000)), 30))},
		"JPEG of empty IIM":           endless{[]byte("\xFF\xD8"), segment(markerAPP13, bytes.Repeat(ds(2, 80, "\x9F"), 10000))},
		"JPEG of resources":           endless{[]byte("\xFF\xD8"), segment(markerAPP13, headIRB, bytes.Repeat(resource(1005, "", nil), 5000))},
		"JPEG of broken resources":    endless{[]byte("\xFF\xD8"), segment(markerAPP13, headIRB, bytes.Repeat([]byte("8BIM\x04\x04\x00\x00\x7F\xFF\xFF\xFF"), 5000))},
		"JPEG of EXIF":                endless{[]byte("\xFF\xD8"), exifSegment(directory(bigEndian, slices.Repeat([]tiffTag{text(tagArtist, strings.Repeat("\xE9;", 20))}, 1000), nil))},
		"JPEG of EXIF that repeats":   endless{[]byte("\xFF\xD8"), exifSegment(repeating(5000))},
		"JPEG of extended XMP":        endless{[]byte("\xFF\xD8"), segment(markerAPP1, headExtended, strings.Repeat("A", 32), be32(1<<30), be32(0), make([]byte, 60000))},
		"JPEG of JUMBF":               endless{[]byte("\xFF\xD8"), segment(markerAPP11, "JP", be16(1), be32(1), be32(1<<31-1), "jumb", bytes.Repeat(superbox("c2pa"), 1000))},
		"PNG of empty chunks":         endless{[]byte("\x89PNG\r\n\x1a\n"), []byte("\x00\x00\x00\x00IDAT\x00\x00\x00\x00")},
		"PNG of texts":                endless{[]byte("\x89PNG\r\n\x1a\n"), chunk("tEXt", "Author\x00", bytes.Repeat([]byte("\xE9"), 9000))},
		"PNG of texts that explode":   endless{[]byte("\x89PNG\r\n\x1a\n"), chunk("zTXt", "Author\x00\x00", deflated(make([]byte, 16<<20)))},
		"PNG of XMP that explodes":    endless{[]byte("\x89PNG\r\n\x1a\n"), chunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00", deflated(packet(strings.Repeat(creditElement, 200000))))},
		"PNG of profiles":             endless{[]byte("\x89PNG\r\n\x1a\n"), chunk("tEXt", "Raw profile type iptc\x00", hexProfile("iptc", bytes.Repeat(byline("a"), 5000)))},
		"WebP of empty chunks":        endless{[]byte("RIFF\xFF\xFF\xFF\xFFWEBP"), []byte("ANMF\x00\x00\x00\x00")},
		"GIF of empty blocks":         endless{[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), []byte("!\xFE\x00")},
		"GIF of sub-blocks":           endless{[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00!\xFE"), []byte("\x01a")},
		"GIF of long sub-blocks":      endless{[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00!\xFF\x0BC2PA_GIF\x00\x00\x00"), append([]byte("\xFF"), make([]byte, 255)...)},
		"GIF of XMP":                  endless{[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), gifXMP("<")},
		"TIFF of many entries":        endless{[]byte("MM\x00*\x00\x00\x00\x08\xFF\xFF"), cat(be16(tagArtist), be16(typeASCII), be32(1<<31-1), be32(8))},
		"TIFF of much XMP":            endless{[]byte("MM\x00*\x00\x00\x00\x08\xFF\xFF"), cat(be16(tagXMP), be16(typeByte), be32(1<<31-1), be32(8))},
		"HEIC of empty boxes":         endless{isoBox("ftyp", []byte("heic\x00\x00\x00\x00")), isoBox("free")},
		"HEIC of a large meta box":    endless{cat(isoBox("ftyp", []byte("heic\x00\x00\x00\x00")), be32(1<<30), "meta\x00\x00\x00\x00"), isoBox("iinf", make([]byte, 6), isoBox("infe", make([]byte, 8)))},
		"HEIC of items":               hostileItems(),
		"JPEG XL of compressed boxes": endless{[]byte("\x00\x00\x00\x0CJXL \r\n\x87\n"), isoBox("brob", []byte("xml "), brotlied(packet(strings.Repeat(creditElement, 200000))))},
	}
	for name, body := range hostilePackets() {
		files["XMP "+name] = endless{[]byte("\x89PNG\r\n\x1a\n"), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00", body)}
	}
	for name, body := range hostileStores(t) {
		files["C2PA "+name] = endless{[]byte("\x89PNG\r\n\x1a\n"), chunk("caBX", body)}
	}
	return files
}

// repeating is an EXIF block whose directory names one long text many times.
func repeating(n int) []byte {
	b := cat("MM\x00*\x00\x00\x00\x08", be16(n))
	for range n {
		b = cat(b, be16(tagArtist), be16(typeASCII), be32(50000), be32(10))
	}
	return b
}

func hostileItems() io.ReaderAt {
	var infe, iloc []byte
	for i := range 3000 {
		infe = cat(infe, isoBox("infe", cat("\x02\x00\x00\x00", be16(i), "\x00\x00mime\x00application/rdf+xml\x00")))
		iloc = cat(iloc, be16(i), be16(0), be16(40), bytes.Repeat([]byte{0, 0, 0, 0, 0, 0, 0, 0}, 40))
	}
	return endless{cat(isoBox("ftyp", []byte("heic\x00\x00\x00\x00")),
		isoBox("meta", make([]byte, 4), isoBox("iinf", cat("\x00\x00\x00\x00", be16(3000), infe)), isoBox("iloc", cat("\x00\x00\x00\x00\x44\x00", be16(3000), iloc)))), []byte("<a>")}
}

func hostilePackets() map[string]string {
	const size = maxXMP
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	return map[string]string{
		"of elements":                 packet(fill("<a>")),
		"of closed elements":          packet(fill("<a/>")),
		"of items":                    packet("<dc:creator><rdf:Seq>" + fill("<rdf:li>a</rdf:li>")),
		"of long items":               packet("<dc:creator><rdf:Seq>" + fill("<rdf:li>"+strings.Repeat("\xE9", 9000)+"</rdf:li>")),
		"of languages":                packet("<dc:rights><rdf:Alt>" + fill("<rdf:li xml:lang='de'>"+strings.Repeat("ä", 4000)+"</rdf:li>")),
		"of attributes":               packet("<a " + fill("b='c' ")),
		"of wanted attributes":        packetOf("<rdf:Description" + xmpNamespaceAttributes + " " + fill("dc:creator='c' ") + "/>"),
		"of namespaces":               packet(fill("<a xmlns:dc='http://purl.org/dc/elements/1.1/'>")),
		"of namespaces in one":        packet("<a " + fill("xmlns:dc='http://purl.org/dc/elements/1.1/' ") + "/>" + fill("<zz:y/>")),
		"of text in pieces":           packet("<dc:creator>" + fill("a<!---->")),
		"of CDATA in pieces":          packet("<dc:creator>" + fill("<![CDATA[&&]]>")),
		"of one text":                 packet("<dc:creator>" + fill("&amp;é") + "</dc:creator>"),
		"of quotation marks":          packet("<dc:creator a=" + fill("'")),
		"of document types":           fill("<!DOCTYPE a [<!ENTITY b 'c'>]>"),
		"of UTF-16":                   utf16Of(littleEndian, packet("<dc:creator><rdf:Seq>"+strings.Repeat("<rdf:li>漢字</rdf:li>", size/40))),
		"of NULs":                     "<?xpacket?>" + fill("\x00"),
		"of structures in structures": packet(fill("<plus:Licensor><rdf:Seq><rdf:li rdf:parseType='Resource'>")),
	}
}

func hostileStores(t testing.TB) map[string][]byte {
	claims := func(b []byte) []byte {
		return superbox("c2pa", bytes.Repeat(superbox("m", superbox("c2pa.claim", isoBox("cbor", b)), superbox("c2pa.assertions", superbox("c2pa.actions", isoBox("cbor", b)))), 500))
	}
	list := func(item []byte) []byte {
		return cat("\xA1\x67actions\x99\x0F\xFF", bytes.Repeat(item, 4095))
	}
	return map[string][]byte{
		"of boxes":          superbox("c2pa", bytes.Repeat(isoBox("free"), 100000)),
		"of nested boxes":   nested(2000),
		"of claims":         claims(list([]byte("\xA0"))),
		"of actions":        claims(list(cat("\xA1\x71digitalSourceType\x61a"))),
		"of lists in lists": claims(cat("\xA1\x6Fclaim_generator", bytes.Repeat([]byte("\x81"), 30), "\x61a")),
		"of generators":     claims(cat("\xA1\x74claim_generator_info\x99\x0F\xFF", bytes.Repeat(cat("\xA1\x64name\x61a"), 4095))),
		"of JSON": superbox("c2pa", superbox("m", superbox("c2pa.assertions", bytes.Repeat(superbox("cawg.metadata",
			isoBox("json", cat("{", bytes.Repeat([]byte(`"a":[[[]]],`), 5000), `"dc:creator":[`, bytes.Repeat([]byte(`"a",`), 2000), `"b"]}`))), 100)))),
	}
}

// What a hostile file takes is counted in bytes allocated, of which a part is garbage soon.
func TestHostileFilesTakeLittleMemory(t *testing.T) {
	const most = 8 << 20
	for name, file := range hostileFiles(t) {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m, err := Read(file, endlessSize)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > most {
				t.Errorf("it took %d KiB", took>>10)
			}
			if len(m.Statements) > MaxStatements || m.Damage == nil {
				t.Errorf("%d statements, damage %v", len(m.Statements), m.Damage)
			}
			size := 0
			for _, s := range m.Statements {
				size += len(s.Value) + len(s.Raw)
				if len(s.Value) > MaxValue || len(s.Locator) > 1000 {
					t.Errorf("a value of %d bytes at %d bytes of place", len(s.Value), len(s.Locator))
				}
			}
			if size > maxSaid {
				t.Errorf("the statements take %d KiB", size>>10)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, file := range hostileFiles(b) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(file, endlessSize); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func Example() {
	file := jpegFile(exifSegment(artist("Jane Doe")))
	m, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range m.Statements {
		fmt.Println(s.Property, s.Value, s.Locator)
	}
	// Output: creator Jane Doe IFD0/0x013B
}
