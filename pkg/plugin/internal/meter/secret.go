package meter

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// redacted stands for a secret in everything that is said.
const redacted = "[redacted]"

// shortestSecret is the length below which a value is no secret: it would be
// found in half of all words.
const shortestSecret = 6

// secrets are what is sent to a server and must be written nowhere: no report,
// no journal, no message has them, although servers repeat what they are sent.
// All that a source says goes through clean.
type secrets struct {
	mu     sync.Mutex
	values map[string]bool
}

func newSecrets(values ...string) *secrets {
	s := &secrets{values: map[string]bool{}}
	s.add(values...)
	return s
}

// add takes values as they are sent, and as they may be repeated.
func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if v = strings.TrimSpace(v); len(v) < shortestSecret {
			continue
		}
		quoted, _ := json.Marshal(v)
		for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v), strings.Trim(string(quoted), `"`),
			base64.StdEncoding.EncodeToString([]byte(v)), base64.URLEncoding.EncodeToString([]byte(v))} {
			s.values[form] = true
		}
	}
}

func (s *secrets) clean(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) == 0 {
		return text
	}
	var pairs []string
	// The longest first: one may be part of another.
	for _, v := range slices.SortedFunc(maps.Keys(s.values), func(a, b string) int { return len(b) - len(a) }) {
		pairs = append(pairs, v, redacted)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// cleanedError is an error whose text has no secret; what it wraps can still be
// asked for.
type cleanedError struct {
	text string
	err  error
}

func (e *cleanedError) Error() string { return e.text }
func (e *cleanedError) Unwrap() error { return e.err }

func (s *secrets) cleanError(err error) error {
	if err == nil {
		return nil
	}
	return &cleanedError{text: s.clean(err.Error()), err: err}
}

// witness notes what a transport further out adds to requests as authorization,
// such as a token that a kubeconfig's plugin fetched.
type witness struct {
	http.RoundTripper
	secrets *secrets
}

func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	w.secrets.add(credentials)
	if credentials == "" {
		w.secrets.add(scheme)
	}
	return w.RoundTripper.RoundTrip(r)
}
