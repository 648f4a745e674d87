package photo

// Resolve gives the credit that statements about one photograph add up to.
func Resolve(_ []Statement) Credit { return Credit{Agreement: None, Rule: "nobody says who made it"} }
