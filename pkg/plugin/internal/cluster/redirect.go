package cluster

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// mostRedirects is how many an API server's own front door may make.
const mostRedirects = 3

// RedirectError says that a redirect was not followed.
type RedirectError struct{ From, To string }

func (e *RedirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s, which is not followed: your credentials would go with the request", e.From,
		e.To)
}

// guardRedirects keeps credentials where they belong. client-go adds the
// user's token to every request that its transport sends, a redirected one
// among them. So what an API server hands on to a kubelet or a Service may
// redirect to nowhere: who answers there is not the API server. The API server
// itself may redirect to itself.
func guardRedirects(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	refused := &RedirectError{From: first.Host, To: next.URL.Host}
	switch {
	case isProxied(first.Path):
		refused.From += first.Path
		return refused
	case next.URL.Host != first.Host || next.URL.Scheme != first.Scheme:
		return refused
	case len(via) > mostRedirects:
		return errors.New("the API server redirects without an end")
	}
	return nil
}

// isProxied reports whether an API server hands a path on to somebody else.
func isProxied(path string) bool {
	return strings.Contains(path+"/", "/proxy/")
}
