package imagemeta

import "tearsheet/archive/photo"

// comment reads a free text of the file, which may say anything. Programs mostly put their own name there.
func (rd *reading) comment(s source, place string) {
	if !rd.admits() {
		return
	}
	b := rd.take(s.part(0, MaxValue+utf8Max), MaxValue+utf8Max, "a comment")
	said := photo.Statement{Property: photo.Caption, Kind: photo.FileComment, Locator: rd.place(place)}
	said.Value, said.Raw, said.Flags = decodeASCII(b)
	if mostlyControl(said.Value) {
		said.Flags = append(said.Flags, photo.Junk)
	}
	rd.say(said)
}
