package warc

import (
	"mime"
	"net/http"
	"strings"
)

// compressed reports whether the payload of a response is compressed already, judged by its fields. Running deflate over such bytes costs
// more than the rest of a capture and saves nothing, so gzip only frames them; a wrong label costs some disk and is still read back the same.
func compressed(h http.Header) bool {
	for _, coding := range h.Values("Content-Encoding") {
		if c := strings.TrimSpace(coding); c != "" && !strings.EqualFold(c, "identity") {
			return true
		}
	}
	return compressedType(h.Get("Content-Type"))
}

// compressedType reports whether a media type's format has compression of its own.
func compressedType(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	top, sub, _ := strings.Cut(media, "/")
	switch top {
	case "video":
		return true
	case "image":
		switch sub {
		case "svg+xml", "bmp", "x-ms-bmp", "x-icon", "vnd.microsoft.icon", "tiff", "x-portable-anymap", "x-portable-bitmap",
			"x-portable-graymap", "x-portable-pixmap", "x-xbitmap", "x-xpixmap":
			return false
		}
		return true
	case "audio":
		switch sub {
		case "wav", "x-wav", "wave", "vnd.wave", "aiff", "x-aiff", "basic", "midi", "x-midi", "l16":
			return false
		}
		return true
	case "font":
		return sub == "woff" || sub == "woff2"
	case "application":
		switch sub {
		case "font-woff", "font-woff2", "x-font-woff", "pdf", "zip", "x-zip-compressed", "gzip", "x-gzip", "zstd", "brotli", "x-bzip2",
			"x-xz", "x-7z-compressed", "vnd.rar", "x-rar-compressed", "java-archive", "ogg", "mp4":
			return true
		}
		return strings.HasSuffix(sub, "+zip") || strings.HasPrefix(sub, "vnd.openxmlformats-officedocument.")
	}
	return false
}
