//go:build !race

package imagemeta

const underRace = false
