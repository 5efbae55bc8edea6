package loadgen

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

// identified starts a target that proves itself with a key, for all protocols.
func identified(t *testing.T, key wire.Key) *target.Server {
	t.Helper()
	return calling(t, key, nil)
}

// calling is identified, with another target to call on.
func calling(t *testing.T, key wire.Key, next *target.Next) *target.Server {
	t.Helper()
	return with(t, target.Options{Identity: key, Next: next})
}

// with is a target that is known and speaks all protocols.
func with(t *testing.T, o target.Options) *target.Server {
	t.Helper()
	o.Pod, o.UID, o.Addresses = "meshbench-r1-target", "u1", map[v1alpha1.Protocol]string{}
	for _, p := range wire.ProtocolIDs() {
		o.Addresses[p] = "127.0.0.1:0"
	}
	s, err := target.Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// The target counts the run's own requests apart from those of strangers, in
// every protocol, and proves that it was the target that did.
func TestTheTargetTellsItsOwnRequestsFromThoseOfStrangers(t *testing.T) {
	key := wire.Key{9}
	s := identified(t, key)
	for _, protocol := range wire.ProtocolIDs() {
		for _, bytes := range []int64{0, 100} {
			load := spec(s.Addr(protocol))
			load.Protocol, load.TargetKey, load.ResponseBytes = protocol, key, bytes
			const strangers = 7
			var flood atomic.Int64
			done := make(chan struct{})
			go func() {
				defer close(done)
				for range strangers {
					response, err := http.Get("http://" + s.Addr(v1alpha1.ProtocolHTTP1) + "/?size=1")
					if err == nil {
						flood.Add(1)
						_ = response.Body.Close()
					}
				}
			}()
			<-done
			before := flood.Load()
			r := run(t, load)
			if r.Target == nil || r.Target.Impostor != "" || before != strangers {
				t.Fatalf("%s: the target is %+v", protocol, r.Target)
			}
			own := r.Target.After.Own - r.Target.Before.Own
			if own < r.Target.Sent || own > r.Target.Sent+r.Load.Sockets || r.Target.Before.Strangers == 0 ||
				r.Target.After.Strangers != r.Target.Before.Strangers || r.Load.Failed() > 0 {
				t.Errorf("%s: %d own requests of %d, %+v", protocol, own, r.Target.Sent, r.Target)
			}
		}
	}
}

// Whoever answers in the target's place is told from it: he does not know the
// key, and a target's old answer does not fit a new challenge.
func TestImpostorsAreNamed(t *testing.T) {
	key := wire.Key{9}
	var old atomic.Value
	for name, answer := range map[string]func(challenge string) wire.Probe{
		"no proof": func(string) wire.Probe { return wire.Probe{Pod: "evil", Served: &wire.Served{}} },
		"another key": func(c string) wire.Probe {
			p := wire.Probe{Pod: "evil", Served: &wire.Served{}}
			p.Proof = wire.Key{1}.Proof(c, p)
			return p
		},
		"an old answer": func(c string) wire.Probe {
			p := wire.Probe{Pod: "evil", Served: &wire.Served{}}
			old.CompareAndSwap(nil, key.Proof("an older challenge", p))
			p.Proof, _ = old.Load().(string)
			return p
		},
		"other counts": func(c string) wire.Probe {
			p := wire.Probe{Pod: "evil", Served: &wire.Served{Own: 1}}
			p.Proof = key.Proof(c, p)
			p.Served.Own = 1_000_000
			return p
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.PathProbe {
				_ = json.NewEncoder(w).Encode(answer(r.Header.Get(wire.MetadataProbe)))
			}
		}))
		load := spec(server.Listener.Addr().String())
		load.TargetKey = key
		r := run(t, load)
		server.Close()
		if r.Target == nil || !strings.Contains(r.Target.Impostor, "pod evil") {
			t.Errorf("%s: the target is %+v", name, r.Target)
		}
	}
}

// A probe that is redirected stays where it is: what the redirection leads to may
// be what only this pod can reach.
func TestProbesFollowNoRedirect(t *testing.T) {
	var met atomic.Bool
	internal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		met.Store(true)
		_, _ = io.WriteString(w, "{}")
	}))
	defer internal.Close()
	there := httptest.NewServer(http.RedirectHandler(internal.URL+"/latest/meta-data", http.StatusFound))
	defer there.Close()
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolHTTP1, v1alpha1.ProtocolH2C} {
		load := spec(there.Listener.Addr().String())
		load.Protocol = protocol
		peer, err := resolve(t.Context(), load.Target, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := ask(t.Context(), load, nil, peer); err == nil {
			t.Errorf("%s: a redirection is an answer: %+v", protocol, p)
		}
	}
	if met.Load() {
		t.Error("a probe followed a redirection")
	}
}
