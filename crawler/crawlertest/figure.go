package crawlertest

import "html/template"

// blankGIF is what stands in for a picture until a script has run.
const blankGIF template.URL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

// figure is a photograph as the page's template sees it: the attributes of its img, and its credit in the one place where it stands.
type figure struct {
	Width, Height int
	Src           template.URL
	Srcset        template.Srcset
	DataSrc       string
	DataSrcset    template.Srcset
	WebP          template.Srcset // of a picture's source
	Full          string          // link to the large file
	Lazy          bool
	Noscript      *figure

	Alt, Title, DataCredit string

	Before  string // credit element before the picture
	Caption string
	Suffix  string // credit in the caption's own text, with the space before it
	Credit  string // credit element after the caption
	Whole   string // the figcaption is the credit
}

// figureOf sets photograph i of an article; nil when there is none.
func figureOf(a *Article, i int) *figure {
	if i >= len(a.Photographs) {
		return nil
	}
	p := &a.Photographs[i]
	f := &figure{Alt: p.Alt, Caption: p.Caption}
	f.deliver(p)
	f.credit(p, a.Language)
	return f
}

func (f *figure) deliver(p *Photograph) {
	own, column := p.in(p.Format), p.rendition(widthColumn)
	f.Width, f.Height = column.Width, column.Height
	f.Src = template.URL(column.Path)
	switch p.Delivery {
	case Srcset:
		f.Srcset = widths(own)
	case Density:
		f.Srcset = densities(own[1:])
	case PictureTag:
		f.WebP = widths(p.in("webp"))
	case FullLink:
		f.Full = p.rendition(widthLarge).Path
	case DataSrc:
		f.Src, f.DataSrc, f.Lazy = blankGIF, column.Path, true
	case DataSrcset:
		f.Src, f.DataSrcset, f.Lazy = blankGIF, widths(own), true
	case Noscript:
		f.Noscript = &figure{Src: f.Src, Alt: p.Alt, Width: f.Width, Height: f.Height}
		f.Src = blankGIF
	}
}

func (f *figure) credit(p *Photograph, language string) {
	switch p.Placement {
	case Element:
		f.Credit = p.Credit
	case ElementBefore:
		f.Before = p.Credit
	case CaptionSuffix:
		f.Suffix = p.Credit
		if !spaceless(language) {
			f.Suffix = " " + p.Credit
		}
	case WholeCaption:
		f.Whole = p.Credit
	case TitleOnly:
		f.Title = p.Alt + " | " + p.Credit
		if f.Noscript != nil {
			f.Noscript.Title = f.Title
		}
	case DataOnly:
		f.DataCredit = p.Credit
	}
	// AltOnly stands in Alt already; JSON-LD, state and foot are the page's business.
}
