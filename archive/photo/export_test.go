package photo

// ResolveUnmerged resolves with the winning statement's names alone, to measure what merging is worth.
func ResolveUnmerged(statements []Statement) Credit { return resolve(statements, false) }
