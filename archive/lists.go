package archive

import (
	"errors"
	"fmt"
)

// lists are those of a run that are made from its page records: pages.jsonl and photos.jsonl, and in a run that derives the list of pages that
// were read again.
type lists struct {
	draft  *draft
	pages  *rowList
	photos *rowList
	again  *rowList // nil until the first page of another run
	totals PhotoTotals
}

func newLists(d *draft) (*lists, error) {
	pages, err := newRowList(d.path(pagesName), pagesHeader)
	if err != nil {
		return nil, err
	}
	photos, err := newRowList(d.path(photosName), PhotosHeader)
	if err != nil {
		return nil, errors.Join(err, pages.drop())
	}
	return &lists{draft: d, pages: pages, photos: photos}, nil
}

// add lists a page, whose row is given, and its photographs.
func (l *lists) add(p Page, row []byte) error {
	list := l.pages
	if p.Run != "" {
		if l.again == nil {
			again, err := newRowList(l.draft.path(derivedName), derivedHeader)
			if err != nil {
				return err
			}
			l.again = again
		}
		list = l.again
	}
	if err := list.add(row); err != nil {
		return err
	}
	for i, ph := range p.Photos {
		text, err := newPhotoRow(p, i).encode()
		if err != nil {
			return fmt.Errorf("photograph %s: %w", ph.Src, err)
		}
		if err := l.photos.add(text); err != nil {
			return err
		}
		l.totals.add(ph)
	}
	return nil
}

// finish closes the files and describes them.
func (l *lists) finish() ([]Object, error) {
	var made []Object
	for _, part := range []struct {
		list *rowList
		name string
	}{{l.pages, pagesName}, {l.again, derivedName}, {l.photos, photosName}} {
		if part.list == nil {
			continue
		}
		o, err := part.list.file.finish()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
		o.Path = part.name
		made = append(made, o)
	}
	return made, nil
}

func (l *lists) drop() error {
	err := errors.Join(l.pages.drop(), l.photos.drop())
	if l.again != nil {
		err = errors.Join(err, l.again.drop())
	}
	return err
}
