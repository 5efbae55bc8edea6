package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// call is what every request to a Service of the user's is, with its files read.
type call struct {
	wire.ServiceCall
	header http.Header
	// secret is set where a header came from a file: an answer may repeat it, so
	// nothing of what answers say is kept.
	secret bool
	tls    *tls.Config
}

// maxFileBytes bounds a file that is mounted for a call.
const maxFileBytes = 1 << 20

// readCall reads the files of a call; nil for none. No error holds what a file has.
func readCall(root fs.FS, c *wire.ServiceCall) (*call, error) {
	if c == nil {
		return nil, nil
	}
	out := &call{ServiceCall: *c, header: http.Header{"User-Agent": {"meshbench"}}}
	for _, h := range c.Headers {
		value := h.Value
		if h.File != "" {
			data, err := readFile(root, h.File)
			if err != nil {
				return nil, fmt.Errorf("header %s: %w", h.Name, err)
			}
			value, out.secret = strings.TrimRight(string(data), "\r\n"), true
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return nil, fmt.Errorf("header %s: its value has control characters", h.Name)
		}
		out.header.Set(h.Name, value)
	}
	if c.TLS == nil {
		return out, nil
	}
	out.tls = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.TLS.ServerName}
	if c.TLS.CAFile != "" {
		data, err := readFile(root, c.TLS.CAFile)
		if err != nil {
			return nil, fmt.Errorf("certificates: %w", err)
		}
		out.tls.RootCAs = x509.NewCertPool()
		if !out.tls.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("certificates: %s has none in PEM", c.TLS.CAFile)
		}
	}
	return out, nil
}

func readFile(root fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(root, strings.TrimPrefix(name, "/"))
	if err == nil && info.Size() > maxFileBytes {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxFileBytes)
	}
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(root, strings.TrimPrefix(name, "/"))
}

// credentials are those of connections of gRPC.
func (c *call) credentials() credentials.TransportCredentials {
	if c == nil || c.tls == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(c.tls)
}

// metadata is what every call of gRPC carries; nil for nothing.
func (c *call) metadata() metadata.MD {
	if c == nil || len(c.Headers) == 0 {
		return nil
	}
	md := metadata.MD{}
	for _, h := range c.Headers {
		md.Set(h.Name, c.header.Get(h.Name))
	}
	return md
}
