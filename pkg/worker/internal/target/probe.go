package target

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/proxystat"
)

const (
	headerXFCC   = "x-forwarded-client-cert"
	headerL5D    = "l5d-client-id"
	maxHeaders   = 200
	maxIdentity  = 512
	maxHeaderLen = 128
)

// probeOf says what arrived of a request. It copies names and an identity,
// never values that could be secret.
func probeOf(remote, protocol string, header map[string][]string) wire.Probe {
	p := wire.Probe{RemoteAddress: remote, Protocol: protocol}
	if host, _, err := net.SplitHostPort(remote); err == nil {
		p.RemoteAddress = host
	}
	for name := range header {
		if len(p.Headers) < maxHeaders && len(name) <= maxHeaderLen {
			p.Headers = append(p.Headers, strings.ToLower(name))
		}
	}
	slices.Sort(p.Headers)
	for _, source := range []struct {
		header string
		read   func(string) string
	}{{headerXFCC, clientOfXFCC}, {headerL5D, func(s string) string { return s }}} {
		for name, values := range header {
			if !strings.EqualFold(name, source.header) || len(values) == 0 || p.IdentityHeader != "" {
				continue
			}
			p.IdentityHeader = source.header
			if id := source.read(values[0]); len(id) <= maxIdentity {
				p.ClientIdentity = id
			}
		}
	}
	return p
}

// clientOfXFCC is the URI of the last element of an x-forwarded-client-cert
// header, which the nearest proxy wrote; empty if it names none. Envoy writes one
// field for each URI in the certificate, and meshes put more into it than who it
// is for (Kuma: its tags, as kuma://TAG/VALUE): the first SPIFFE ID is who, or else
// the first URI.
func clientOfXFCC(value string) string {
	uri, quoted := "", false
	start := 0
	field := func(end int) {
		if name, v, ok := strings.Cut(strings.TrimSpace(value[start:end]), "="); ok && strings.EqualFold(name, "URI") {
			if v = strings.Trim(v, `"`); uri == "" || isSPIFFE(v) && !isSPIFFE(uri) {
				uri = v
			}
		}
		start = end + 1
	}
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			field(i)
		case c == ',':
			field(i)
			if strings.Contains(value[start:], "=") {
				uri = ""
			}
		}
	}
	field(len(value))
	return uri
}

func isSPIFFE(uri string) bool { return strings.HasPrefix(uri, "spiffe://") }

// prober answers probes, and adds what the proxy beside it has counted. It
// reads one at a time, however many ask.
type prober struct {
	counters *wire.ProxyCounters
	count    *counters
	budget   *budget
	// key, pod and uid are what the target proves itself with, and as whom.
	key      wire.Key
	pod, uid string
	// files is how many the process may have open.
	files int64
	// onward asks the next target of a chain.
	onward *onward

	mu sync.Mutex
	// last is what was read of the proxy, and when.
	last wire.ProxyReading
	read time.Time
}

// readingAge is how old a reading of the proxy may be that strangers are told:
// each costs the proxy time. Who knows the run's key gets one of now.
const readingAge = time.Second

func (p *prober) probe(ctx context.Context, challenge, remote, protocol string,
	header map[string][]string) wire.Probe {
	p.count.probes.Add(1)
	out := probeOf(remote, protocol, header)
	served := p.count.served()
	out.Pod, out.UID, out.Served, out.OpenFiles = p.pod, p.uid, &served, p.files
	out.Proof = p.key.Proof(challenge, out)
	if p.counters == nil {
		return out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked(challenge) || time.Since(p.read) > readingAge {
		p.last, p.read = proxystat.Read(ctx, *p.counters), time.Now()
	}
	reading := p.last
	out.Counters = &reading
	return out
}

// asked reports whether it is the run that asks; without a key nobody can tell.
func (p *prober) asked(challenge string) bool { return p.key.IsZero() || p.key.Asked(challenge) }

func (p *prober) serve(w http.ResponseWriter, r *http.Request, protocol v1alpha1.Protocol) {
	challenge := r.Header.Get(wire.MetadataProbe)
	own := p.asked(challenge)
	if !p.budget.take(requestBytes, own) {
		http.Error(w, "meshbench target: "+tooMuch, http.StatusServiceUnavailable)
		return
	}
	defer p.budget.give(requestBytes, own)
	next, err := p.onward.ask(r.Context(), protocol, challenge, r.Header.Get(wire.MetadataChain), own)
	if err != nil {
		http.Error(w, "meshbench target: "+err.Error(), http.StatusBadGateway)
		return
	}
	out := p.probe(r.Context(), challenge, r.RemoteAddr, r.Proto, r.Header)
	out.Next = next
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // a client that has gone cannot be told
}
