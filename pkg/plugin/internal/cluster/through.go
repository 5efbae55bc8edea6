package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Through makes a transport that adds the user's credentials. What inner wraps
// is next to the network and sees them.
type Through func(inner func(http.RoundTripper) http.RoundTripper) (http.RoundTripper, error)

// Proxy returns the address under which the API server hands requests on to a
// Service, and a transport that the user's credentials go with. Who uses it must
// follow no redirect. It takes requests that read, and answers others with 405: to
// hand those on, API servers ask for the right to create, which no Role of ours has.
func (c *Client) Proxy(s kube.Service) (string, Through, error) {
	if c.config == nil {
		return "", nil, fmt.Errorf("service %s/%s: no API server to go through", s.Namespace, s.Name)
	}
	address := c.clientset.CoreV1().RESTClient().Get().Namespace(s.Namespace).Resource("services").
		Name(s.Name + ":" + s.Port).SubResource("proxy").URL()
	return address.String(), reading(through(c.config)), nil
}

// reading makes transports that let GET and HEAD pass.
func reading(through Through) Through {
	return func(inner func(http.RoundTripper) http.RoundTripper) (http.RoundTripper, error) {
		next, err := through(inner)
		if err != nil {
			return nil, err
		}
		return readOnly{next}, nil
	}
}

type readOnly struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r readOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet || request.Method == http.MethodHead {
		return r.next.RoundTrip(request)
	}
	if request.Body != nil {
		if err := request.Body.Close(); err != nil {
			return nil, err
		}
	}
	const status = http.StatusMethodNotAllowed
	return &http.Response{StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)),
		Proto: request.Proto, ProtoMajor: request.ProtoMajor, ProtoMinor: request.ProtoMinor,
		Header: http.Header{"Allow": {"GET, HEAD"}}, Body: http.NoBody, Request: request}, nil
}

// AsUser returns a transport that sends the bearer token of the kubeconfig's
// user to another server than the API server, as OpenShift's monitoring takes
// it. ca are the authorities that sign for that server; none means the system's.
func (c *Client) AsUser(ca []byte) (Through, error) {
	if c.config == nil {
		return nil, errors.New("there is no kubeconfig")
	}
	has := c.config
	if has.BearerToken == "" && has.BearerTokenFile == "" && has.ExecProvider == nil && has.AuthProvider == nil {
		return nil, errors.New("the kubeconfig's user has no token, as one with a client certificate has none")
	}
	return through(&rest.Config{
		BearerToken: has.BearerToken, BearerTokenFile: has.BearerTokenFile, ExecProvider: has.ExecProvider,
		AuthProvider: has.AuthProvider, AuthConfigPersister: has.AuthConfigPersister,
		TLSClientConfig: rest.TLSClientConfig{CAData: ca},
	}), nil
}

func through(config *rest.Config) Through {
	return func(inner func(http.RoundTripper) http.RoundTripper) (http.RoundTripper, error) {
		config := rest.CopyConfig(config)
		config.Wrap(inner)
		transport, err := rest.TransportFor(config)
		if err != nil {
			return nil, fmt.Errorf("use the kubeconfig's credentials: %w", err)
		}
		return transport, nil
	}
}

// SecretValue reads one key of a Secret; the only one, if key is empty.
func (c *Client) SecretValue(ctx context.Context, namespace, name, key string) (string, error) {
	secret, err := c.clientset.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("read Secret %s/%s: %w", namespace, name, err)
	}
	if key == "" && len(secret.Data) == 1 {
		for only := range secret.Data {
			key = only
		}
	}
	if key == "" {
		key = corev1.ServiceAccountTokenKey
	}
	value, ok := secret.Data[key]
	if !ok || len(value) == 0 {
		return "", fmt.Errorf("secret %s/%s has nothing under key %q", namespace, name, key)
	}
	return string(value), nil
}
