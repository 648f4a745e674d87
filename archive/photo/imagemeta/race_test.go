//go:build race

package imagemeta

// underRace tells that memory cannot be measured: with the race detector the compiler allocates what bytes.Buffer appends to itself a second time.
const underRace = true
