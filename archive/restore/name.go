package restore

import (
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/url"
	"path"
	"strings"

	"tearsheet/archive/page"
)

// extensions are those that files get, by media type: what a browser needs that opens them without a server. Whatever is not listed becomes
// ".bin", which no browser runs.
var extensions = map[string]string{
	"text/css":      ".css",
	"image/jpeg":    ".jpg",
	"image/pjpeg":   ".jpg",
	"image/png":     ".png",
	"image/apng":    ".png",
	"image/gif":     ".gif",
	"image/webp":    ".webp",
	"image/avif":    ".avif",
	"image/heic":    ".heic",
	"image/jxl":     ".jxl",
	"image/bmp":     ".bmp",
	"image/tiff":    ".tif",
	"image/svg+xml": ".svg",

	"image/x-icon":             ".ico",
	"image/vnd.microsoft.icon": ".ico",

	"font/woff2": ".woff2", "application/font-woff2": ".woff2",
	"font/woff": ".woff", "application/font-woff": ".woff", "application/x-font-woff": ".woff",
	"font/ttf": ".ttf", "application/x-font-ttf": ".ttf", "font/sfnt": ".ttf",
	"font/otf": ".otf", "application/x-font-opentype": ".otf", "application/vnd.ms-opentype": ".otf",

	"video/mp4": ".mp4", "video/webm": ".webm", "video/ogg": ".ogv", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg",
	"audio/wav": ".wav", "text/vtt": ".vtt", "application/pdf": ".pdf", "application/json": ".json", "text/plain": ".txt",
	"text/html": ".html", "application/xhtml+xml": ".html",
}

// mediaType gives the media type of a Content-Type without its parameters, in small letters.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t, _, _ = strings.Cut(contentType, ";")
		t = strings.ToLower(strings.TrimSpace(t))
	}
	return t
}

func isHTML(contentType string) bool {
	switch mediaType(contentType) {
	case "text/html", "application/xhtml+xml":
		return true
	}
	return false
}

// extensionOf gives a file's extension by what it is for and what the server called it.
func extensionOf(kind page.Kind, contentType string) string {
	if kind == page.KindStyle {
		return ".css"
	}
	if ext, ok := extensions[mediaType(contentType)]; ok {
		return ext
	}
	return ".bin"
}

// fileName names the file of a captured URL: a readable part of a few harmless letters, and a digest of URL and identity (what the file is for
// and what was captured) that alone makes the name. Nothing else of a URL ever reaches the file system.
func fileName(address, identity, ext string) string {
	sum := sha256.Sum256([]byte(address + "\n" + identity))
	return slug(address) + hex.EncodeToString(sum[:10]) + ext
}

// slug gives the readable part: up to 40 letters, digits and dashes of the last part of the path, and a dash.
func slug(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	base := path.Base(u.Path)
	base = strings.TrimSuffix(base, path.Ext(base))
	clean := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, base)
	clean = strings.Trim(clean[:min(len(clean), 40)], "-")
	if clean == "" {
		return ""
	}
	return clean + "-"
}
