// Package cluster is the only one that talks to a Kubernetes API server. It
// offers what a run needs and nothing that could touch other people's objects:
// everything it deletes is named together with the uid it was created under.
package cluster

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Client is a connection to one cluster.
type Client struct {
	clientset kubernetes.Interface
	context   string
	// config is nil for a clientset that was handed in.
	config *rest.Config
	// outage is when the API server was last away, in nanoseconds since 1970.
	outage atomic.Int64
	// opening is how long the questions before a run are asked again.
	opening time.Duration
}

const (
	// The defaults of client-go make a run of many small calls wait on itself.
	queriesPerSecond = 100
	burst            = 200
)

// New returns a Client; context is the name shown in reports.
func New(config *rest.Config, context string) (*Client, error) {
	return newClient(config, context, silenceLimit)
}

func newClient(config *rest.Config, context string, silent func(*http.Request) time.Duration) (*Client, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = queriesPerSecond, burst
	config.WarningHandler = rest.NoWarnings{}
	if config.UserAgent == "" { // what client-go says of the program, but of its own HTTP clients only
		config.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	c := &Client{context: context, config: config, opening: openingLimit}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return outages{silences{next, silent}, &c.outage}
	})
	shared, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	guarded := *shared // which may be everybody's default one
	guarded.CheckRedirect = guardRedirects
	if c.clientset, err = kubernetes.NewForConfigAndClient(config, &guarded); err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return c, nil
}

// Context is the name under which reports show the cluster.
func (c *Client) Context() string { return c.context }

// NewFor returns a Client on any clientset, such as a fake one.
func NewFor(clientset kubernetes.Interface, context string) *Client {
	return &Client{clientset: clientset, context: context, opening: openingLimit}
}
