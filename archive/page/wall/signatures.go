package wall

import "strings"

// This file is the table of what pages look like that are served instead of the page. Signatures are of products and of the words in which
// sites say no, never of one publisher. They count only on a page with little text: an article about captchas is an article.

// fieldSignature is a header field that only a refusal carries.
type fieldSignature struct{ name, value, says string }

// challengeFields are compared without case; an empty value means that the field is there.
func challengeFields() []fieldSignature {
	return []fieldSignature{
		{"Cf-Mitigated", "challenge", "a Cloudflare challenge"},
		{"X-Amzn-Waf-Action", "", "an AWS WAF challenge"},
		{"X-Vercel-Mitigated", "challenge", "a Vercel challenge"},
		{"X-Sucuri-Block", "", "blocked by the Sucuri firewall"},
	}
}

// textSignature is a text, in lower case, in a title or a body.
type textSignature struct{ text, says string }

// challengeTitles stand in the title of a challenge or of a refusal.
func challengeTitles() []textSignature {
	return []textSignature{
		{"just a moment", "a challenge (“Just a moment”)"},
		{"attention required!", "a firewall's refusal (“Attention Required!”)"},
		{"access denied", "a firewall's refusal (“Access denied”)"},
		{"access to this page has been denied", "a bot defence's refusal"},
		{"pardon our interruption", "a bot defence's challenge"},
		{"are you a robot", "a captcha"},
		{"are you human", "a captcha"},
		{"robot or human", "a captcha"},
		{"captcha", "a captcha"},
		{"verify you are human", "a captcha"},
		{"verifying you are human", "a captcha"},
		{"human verification", "a captcha"},
		{"bot verification", "a captcha"},
		{"security check", "a challenge (“security check”)"},
		{"security checkpoint", "a challenge (“security checkpoint”)"},
		{"checking your browser", "a challenge (“checking your browser”)"},
		{"making sure you're not a bot", "a proof-of-work challenge"},
		{"ddos-guard", "a DDoS-Guard challenge"},
		{"request rejected", "a firewall's refusal"},
		{"you have been blocked", "a firewall's refusal"},
		{"error 1020", "a firewall's refusal"},
		{"403 forbidden", "a refusal (“403 Forbidden”)"},
		{"too many requests", "a rate limit"},
		{"unusual traffic", "a rate limit"},
		{"einen moment", "a challenge"},
		{"un instant", "a challenge"},
		{"un momento", "a challenge"},
		{"sicherheitsüberprüfung", "a challenge"},
		{"vérification de sécurité", "a challenge"},
		{"доступ ограничен", "a refusal"},
	}
}

// challengeBodies stand in the source of a challenge or of a refusal.
func challengeBodies() []textSignature {
	return []textSignature{
		{"_cf_chl_opt", "a Cloudflare challenge"},
		{"cf-error-details", "a Cloudflare refusal"},
		{"captcha-delivery.com", "a DataDome captcha"},
		{"_incapsula_resource", "an Imperva challenge"},
		{"incapsula incident id", "an Imperva refusal"},
		{"px-captcha", "a HUMAN (PerimeterX) captcha"},
		{"awswafcookiedomainlist", "an AWS WAF challenge"},
		{"gokuprops", "an AWS WAF challenge"},
		{"errors.edgesuite.net", "an Akamai refusal"},
		{"/_sec/cp_challenge/", "an Akamai challenge"},
		{"anubis_challenge", "an Anubis proof-of-work challenge"},
		{"sucuri website firewall", "blocked by the Sucuri firewall"},
		{"/.well-known/ddos-guard/", "a DDoS-Guard challenge"},
		{"the requested url was rejected. please consult with your administrator", "an F5 refusal"},
		{"please enable js and disable any ad blocker", "a DataDome challenge"},
		{"enable javascript and cookies to continue", "a Cloudflare challenge"},
		{"unusual traffic from your computer network", "a rate limit"},
		{"verify you are human", "a captcha"},
		{"verify that you are not a robot", "a captcha"},
		{"confirm you are human", "a captcha"},
		{"complete the captcha", "a captcha"},
		{"class=\"g-recaptcha\"", "a captcha"},
		{"class=\"h-captcha\"", "a captcha"},
		{"class=\"cf-turnstile\"", "a captcha"},
	}
}

// consentTitles stand in the title of a page that asks for consent before it shows anything.
func consentTitles() []string {
	return []string{
		"before you continue", "bevor sie fortfahren", "bevor es weitergeht", "avant de continuer", "avant d'accéder", "antes de continuar",
		"prima di continuare", "voordat je verdergaat", "we value your privacy", "your privacy choices", "privacy settings", "privacy gate",
		"datenschutzeinstellungen", "datenschutz-einstellungen", "cookie consent", "cookie-einstellungen", "gestion des cookies", "consent",
		"zustimmung", "consentement", "toestemming",
	}
}

// consentBodies stand in the source of a consent wall.
func consentBodies() []string {
	return []string{
		"consent-wall", "consentwall", "cookie-wall", "cookiewall", "privacy-wall", "privacywall", "purabo", "pur-abo", "id=\"consent-page\"",
		"consent-form", "collectconsent",
	}
}

// notFoundTitles stand in the title of a page that says, with status 200, that there is none.
func notFoundTitles() []string {
	return []string{
		"not found", "page not found", "error 404", "404 error", "404 -", "- 404", "404 |", "| 404", "404:", "does not exist", "doesn't exist",
		"no longer available", "page unavailable", "page can't be found", "nicht gefunden", "nicht mehr verfügbar", "introuvable", "n'existe pas",
		"no encontrada", "no encontrado", "no existe", "non trovata", "non trovato", "não encontrada", "não encontrado", "niet gevonden",
		"bestaat niet", "hittades inte", "ikke funnet", "ikke fundet", "ei löydy", "nie znaleziono", "nie istnieje", "nenalezena", "nem található",
		"не найдена", "не найден", "не знайдено", "bulunamadı", "δεν βρέθηκε", "見つかりません", "找不到", "不存在", "찾을 수 없",
	}
}

// isConsentPlace reports whether a page was led to a place for giving consent: a host or a path that says so.
func isConsentPlace(host, path string) bool {
	for _, label := range strings.Split(strings.ToLower(host), ".") {
		switch label {
		case "consent", "privacy-gate", "myprivacy", "cmp", "cookieconsent":
			return true
		}
	}
	for _, part := range strings.Split(strings.ToLower(path), "/") {
		switch part {
		case "consent", "privacy-gate", "privacy-wall", "cookie-wall", "cookiewall", "consentmanager", "collectconsent":
			return true
		}
	}
	return false
}
