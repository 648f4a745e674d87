package page

import (
	"maps"
	"slices"
	"strings"
)

// collectImages gathers the URLs of pictures from all nodes. own is the article's node. Logos and portraits of people are left out: a
// browser never asks for them.
func (l *linkedData) collectImages(v any, own map[string]any, inOwn bool, depth int) {
	if depth > maxJSONDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.collectImages(e, own, inOwn, depth+1)
		}
	case map[string]any:
		if own != nil && articleType(v) != "" {
			inOwn = sameNode(v, own)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch key {
			case "logo", "author", "creator", "publisher", "sameAs", "review":
			case "image", "thumbnailUrl", "thumbnail", "primaryImageOfPage", "associatedMedia", "photo":
				l.imageValue(v[key], inOwn, depth+1)
			case "url", "contentUrl":
				if isImageObject(v) {
					l.imageValue(v[key], inOwn, depth+1)
				}
			default:
				l.collectImages(v[key], own, inOwn, depth+1)
			}
		}
	}
}

// imageValue reads the value of a property that holds a picture: a URL, an ImageObject, or a list of these.
func (l *linkedData) imageValue(v any, own bool, depth int) {
	if depth > maxJSONDepth {
		return
	}
	switch v := v.(type) {
	case string:
		if len(l.images) >= maxRequisites {
			l.leftOut++
			return
		}
		l.images = append(l.images, linkedImage{strings.TrimSpace(v), own})
	case []any:
		for _, e := range v {
			l.imageValue(e, own, depth+1)
		}
	case map[string]any:
		for _, key := range [...]string{"url", "contentUrl", "thumbnailUrl", "thumbnail"} {
			if v[key] != nil && (key != "contentUrl" || !isVideo(v)) {
				l.imageValue(v[key], own, depth+1)
			}
		}
	}
}

func isImageObject(node map[string]any) bool { return firstType(node) == "ImageObject" }

func isVideo(node map[string]any) bool {
	return firstType(node) == "VideoObject" || firstType(node) == "AudioObject"
}

func firstType(node map[string]any) string {
	if t := texts(node["@type"]); len(t) > 0 {
		return t[0]
	}
	return ""
}

func sameNode(a, b map[string]any) bool {
	return len(a) == len(b) && idOf(a["url"]) == idOf(b["url"]) && firstText(a["headline"]) == firstText(b["headline"])
}
