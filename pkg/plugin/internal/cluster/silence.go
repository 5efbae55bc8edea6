package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// readSilence is how long a question may stay without a sign of life.
	readSilence = 30 * time.Second
	// writeSilence is longer than the API server's own limit of a minute, in which it
	// asks webhooks; so is what it hands on to kubelets and Services.
	writeSilence = 75 * time.Second
)

// SilentError says that an API server took a request and did not answer.
type SilentError struct {
	After  time.Duration
	Method string
	Path   string
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("it took the request %s %s and said nothing for %s: is it overloaded, "+
		"or does something else listen at that address?", e.Method, e.Path, e.After)
}

// Timeout makes it a net.Error, with Temporary, so that it counts as an outage.
func (e *SilentError) Timeout() bool { return true }

// Temporary is what net.Error asks for beside Timeout.
func (e *SilentError) Temporary() bool { return true }

// silences ends requests that stay without a sign of life: client-go waits for ever.
type silences struct {
	next http.RoundTripper
	// limit of a request; 0 is none.
	limit func(*http.Request) time.Duration
}

// silenceLimit bounds all but what stays open for its purpose: watches, and logs that
// are followed.
func silenceLimit(r *http.Request) time.Duration {
	query := r.URL.Query()
	switch {
	case query.Get("watch") == "true" || query.Get("watch") == "1" || query.Get("follow") == "true":
		return 0
	case r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "/proxy"):
		return readSilence
	default:
		return writeSilence
	}
}

func (s silences) RoundTrip(r *http.Request) (*http.Response, error) {
	limit := s.limit(r)
	if limit == 0 {
		return s.next.RoundTrip(r)
	}
	ctx, stop := context.WithCancelCause(r.Context())
	silent := &SilentError{After: limit, Method: r.Method, Path: r.URL.Path}
	timer := time.AfterFunc(limit, func() { stop(silent) })
	answer, err := s.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		timer.Stop()
		stop(nil)
		return nil, spoke(ctx, silent, err)
	}
	timer.Reset(limit)
	answer.Body = &livelyBody{ReadCloser: answer.Body, ctx: ctx, silent: silent, timer: timer, limit: limit, stop: stop}
	return answer, nil
}

// spoke is the error of a request, or that it was ended for its silence.
func spoke(ctx context.Context, silent *SilentError, err error) error {
	if errors.Is(context.Cause(ctx), silent) {
		return silent
	}
	return err
}

// WrappedRoundTripper lets client-go find what is below.
func (s silences) WrappedRoundTripper() http.RoundTripper { return s.next }

// livelyBody may take as long as it likes, as long as something comes.
type livelyBody struct {
	io.ReadCloser
	ctx    context.Context
	silent *SilentError
	timer  *time.Timer
	limit  time.Duration
	stop   context.CancelCauseFunc
}

func (b *livelyBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.timer.Stop()
		if !errors.Is(err, io.EOF) {
			err = spoke(b.ctx, b.silent, err)
		}
		return n, err
	}
	b.timer.Reset(b.limit)
	return n, nil
}

func (b *livelyBody) Close() error {
	b.timer.Stop()
	defer b.stop(nil)
	return b.ReadCloser.Close()
}
