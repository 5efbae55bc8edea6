package cluster

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// LastOutage is when the API server was last seen to be away; zero if never.
// Watches begin anew by themselves, so nobody else may have noticed.
func (c *Client) LastOutage() time.Time {
	if at := c.outage.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// outages notes when an API server does not answer for itself.
type outages struct {
	next http.RoundTripper
	last *atomic.Int64
}

func (o outages) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := o.next.RoundTrip(r)
	if aboutObjects(r) && (err != nil && r.Context().Err() == nil || err == nil && isAway(answer)) {
		o.last.Store(time.Now().UnixNano())
	}
	return answer, err
}

// aboutObjects leaves out what the API server hands on to kubelets, Services and
// other servers: those may be away for themselves.
func aboutObjects(r *http.Request) bool {
	path := r.URL.Path
	return strings.Contains(path, "/api/v1/namespaces") && !strings.Contains(path, "/proxy") &&
		!strings.HasSuffix(path, "/log")
}

func isAway(answer *http.Response) bool {
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusInternalServerError: // its own words are JSON, those of a front are not
		return !strings.Contains(answer.Header.Get("Content-Type"), "json")
	default:
		return false
	}
}

// WrappedRoundTripper lets client-go find what is below.
func (o outages) WrappedRoundTripper() http.RoundTripper { return o.next }
