// Package browser looks at the report's page in a real Chromium, which it
// drives through a pipe: `make browser-test`.
package browser
