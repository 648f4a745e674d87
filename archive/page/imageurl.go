package page

import (
	"net/url"
	"strings"
)

// hasImageExtension says that a URL or path names a picture by its extension, at the end of its path or inside it, as resizers write
// it ("photo.jpg/640x360", "?url=photo.jpg&w=640", "photo.jpg.webp").
func hasImageExtension(s string) bool {
	for i := 0; i < len(s); {
		dot := strings.IndexByte(s[i:], '.')
		if dot < 0 {
			return false
		}
		i += dot + 1
		end := i
		for end < len(s) && end-i < 5 && isAlphanumeric(s[end]) {
			end++
		}
		if isImageExtension(s[i:end]) && (end == len(s) || !isAlphanumeric(s[end])) {
			return true
		}
	}
	return false
}

// endsInImageExtension is the narrow form, for hyperlinks: the path itself ends in the extension.
func endsInImageExtension(s string) bool {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	return isImageExtension(s[strings.LastIndexByte(s, '.')+1:]) && strings.Contains(s, ".")
}

func isImageExtension(s string) bool {
	if len(s) < 3 || len(s) > 4 {
		return false
	}
	var low [4]byte
	for i := range len(s) {
		low[i] = s[i] | 0x20
	}
	switch string(low[:len(s)]) {
	case "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff", "heic", "heif", "jxl":
		return true
	}
	return false
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// isReference says that s is written as a URL and as nothing else: without spaces, markup or the placeholders of a template that a
// script would fill in.
func isReference(s string) bool {
	if len(s) < 5 || len(s) > maxURL || hasPrefixFold(s, "data:") || strings.Contains(s, "%7B") || strings.Contains(s, "%7b") {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c == '<', c == '>', c == '{', c == '}', c == '"', c == '`', c == '\\', c == '|', c == '^':
			return false
		case c == '$' && i+1 < len(s) && s[i+1] == '{':
			return false
		}
	}
	return true
}

// isRooted says that a reference does not depend on the path of the page: absolute, or from the root of its host.
func isRooted(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "/")
}

func isAbsolute(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "//")
}

// isPlainPicture says that an absolute URL can be a picture's though no extension says so: it is more than a folder, and its path ends in no
// other extension. It is asked where a name promises a picture.
func isPlainPicture(s string) bool {
	if hasImageExtension(s) {
		return true
	}
	if !isAbsolute(s) {
		return false
	}
	path, _, queried := strings.Cut(s, "?")
	last := path[strings.LastIndexByte(path, '/')+1:]
	dot := strings.LastIndexByte(last, '.')
	return (last != "" || queried) && (dot < 0 || len(last)-dot > 6)
}

// identity is what the renditions of one picture share: the most telling segment of the URL's path, without extension and without the
// parts that tell a size. A picture behind a resizer has the identity of the picture inside.
func identity(raw string) string {
	path, query := innermost(raw)
	segments := strings.Split(path, "/")
	short := ""
	for i := len(segments) - 1; i >= 0; i-- {
		s := cutSizes(cutExtensions(strings.ToLower(segments[i])))
		switch {
		case s == "" || isSize(s) || isGenericSegment(s):
		case len(s) < 5: // tells something only together with where it stands
			short = s + "/" + short
		default:
			return s + "/" + short
		}
	}
	if short != "" && hasImageExtension(path) {
		return short
	}
	return path + "?" + query
}

// innermost gives path and query of the URL, or of the last URL that stands inside it.
func innermost(raw string) (path, query string) {
	s := raw
	if strings.Contains(s, "%2F") || strings.Contains(s, "%2f") || strings.Contains(s, "%3A") {
		if d, err := url.QueryUnescape(s); err == nil {
			s = d
		}
	}
	if i := strings.LastIndex(s, "http"); i > 8 && (strings.HasPrefix(s[i:], "http://") || strings.HasPrefix(s[i:], "https://") ||
		strings.HasPrefix(s[i:], "http:/") || strings.HasPrefix(s[i:], "https:/")) {
		s = s[i:]
		if amp := strings.IndexByte(s, '&'); amp >= 0 && !strings.Contains(s[:amp], "?") {
			s = s[:amp]
		}
	}
	if i := strings.Index(s, ":/"); i >= 0 && i < 7 {
		s = strings.TrimLeft(s[i+1:], "/")
		slash := strings.IndexByte(s, '/')
		if slash < 0 {
			return "", ""
		}
		s = s[slash:]
	}
	path, query, _ = strings.Cut(s, "?")
	return path, query
}

func cutExtensions(s string) string {
	for {
		dot := strings.LastIndexByte(s, '.')
		if dot < 0 || !isImageExtension(s[dot+1:]) {
			return s
		}
		s = s[:dot]
	}
}

// cutSizes cuts what resizers append or prepend: "-1024x683", "_640w", "@2x", "-scaled", "640x360_".
func cutSizes(s string) string {
	for {
		cut := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "-scaled"), "@2x"), "@3x")
		if i := strings.LastIndexAny(cut, "-_@"); i > 3 && isSize(cut[i+1:]) {
			cut = cut[:i]
		}
		if i := strings.IndexAny(cut, "-_"); i > 0 && strings.ContainsRune(cut[:i], 'x') && isSize(cut[:i]) && len(cut)-i > 4 {
			cut = cut[i+1:]
		}
		if cut == s {
			return s
		}
		s = cut
	}
}

// isSize reads "640x360", "640w", "w640", and "640" if a width can be meant and not a number of the picture.
func isSize(s string) bool {
	digits, number := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			number = number*10%10000 + int(c-'0')
		case c == 'x' && i > 0, c == 'w' && (i == 0 || i == len(s)-1), c == 'h' && i == 0:
		default:
			return false
		}
	}
	if digits == len(s) {
		return digits >= 3 && digits <= 4 && (number%10 == 0 || number%16 == 0)
	}
	return digits >= 2 && digits <= 8
}

// isGenericSegment says that a path segment tells nothing about which picture it is.
func isGenericSegment(s string) bool {
	switch s {
	case "image", "images", "original", "photo", "photos", "picture", "master", "large", "medium", "small", "thumb", "thumbnail",
		"default", "index", "preview", "landscape", "portrait", "square", "resize", "crop", "format", "width", "height", "quality",
		"full", "max", "auto", "none", "wide", "upload", "uploads", "files", "media", "static", "public", "smart", "fit-in":
		return true
	}
	for i := range len(s) { // a list of parameters
		if s[i] == '=' || s[i] == ',' || s[i] == ':' {
			return true
		}
	}
	return false
}
