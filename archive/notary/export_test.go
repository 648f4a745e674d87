package notary

// What tests outside the package look at: notarytest imports it.
var Granted = granted

// MaxToken is the bound of tokens.
const MaxToken = maxToken
