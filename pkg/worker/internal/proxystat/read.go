package proxystat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const (
	// timeout bounds one reading: a trial does not wait for its evidence.
	timeout = time.Second
	// maxBytes bounds what is read of an endpoint. A proxy that knows a large
	// cluster answers with some megabytes.
	maxBytes = 32 << 20
	// maxReason bounds what is told of an answer that cannot be used.
	maxReason = 256
)

// Read asks the proxy in this pod for its counters. What cannot be read is a
// reason in the reading, never an error: evidence is missing then, not data.
func Read(ctx context.Context, c wire.ProxyCounters) wire.ProxyReading {
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	reading, err := read(ctx, "127.0.0.1", c)
	if errors.Is(err, errNobody) { // where a pod has IPv6 only
		if other, otherErr := read(ctx, "::1", c); !errors.Is(otherErr, errNobody) {
			reading, err = other, otherErr
		}
	}
	if err != nil {
		reason := fmt.Sprintf("port %d%s: %v", c.Port, c.Path, err)
		return wire.ProxyReading{Unread: reason[:min(len(reason), maxReason)]}
	}
	return reading
}

var errNobody = errors.New("nothing listens")

func read(ctx context.Context, host string, c wire.ProxyCounters) (wire.ProxyReading, error) {
	url := "http://" + net.JoinHostPort(host, strconv.Itoa(int(c.Port))) + c.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return wire.ProxyReading{}, err
	}
	// No connection stays open through the window, and no environment names a proxy.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EADDRNOTAVAIL):
		return wire.ProxyReading{}, errNobody
	case errors.Is(err, context.DeadlineExceeded):
		return wire.ProxyReading{}, fmt.Errorf("no answer within %s", timeout)
	case err != nil:
		return wire.ProxyReading{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return wire.ProxyReading{}, fmt.Errorf("the answer is %s", response.Status)
	}
	return parseUpTo(maxBytes, response.Body, c)
}

// parseUpTo reads so many bytes and no more.
func parseUpTo(most int64, answer io.Reader, c wire.ProxyCounters) (wire.ProxyReading, error) {
	body := &io.LimitedReader{R: answer, N: most}
	reading, err := parse(body, c)
	if err == nil && body.N == 0 {
		err = fmt.Errorf("the answer is longer than %d bytes", most)
	}
	return reading, err
}
