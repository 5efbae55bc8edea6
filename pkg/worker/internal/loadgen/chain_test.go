package loadgen

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

// chainOf starts targets that call each other in order, the first one first.
func chainOf(t *testing.T, key wire.Key, hops, fanOut, connections int) []*target.Server {
	t.Helper()
	all := make([]*target.Server, hops)
	var next *target.Next
	for i := hops - 1; i >= 0; i-- {
		all[i] = calling(t, key, next)
		next = &target.Next{Most: wire.Chain{Hops: hops - i + 1, FanOut: fanOut}, Connections: connections,
			Addresses: map[v1alpha1.Protocol]string{}}
		for _, p := range wire.ProtocolIDs() {
			next.Addresses[p] = all[i].Addr(p)
		}
	}
	return all
}

// Every request goes through all hops, with bodies and without, by every protocol,
// and no more connections are opened than are in use at once.
func TestRequestsGoThroughAChain(t *testing.T) {
	const hops, fanOut, connections = 3, 4, 2
	for _, protocol := range wire.ProtocolIDs() {
		for _, bytes := range []int64{0, 3000} {
			t.Run(fmt.Sprintf("%s of %d bytes", protocol, bytes), func(t *testing.T) {
				key := wire.Key{7}
				all := chainOf(t, key, hops, fanOut, connections*fanOut)
				load := spec(all[0].Addr(protocol))
				load.Protocol, load.TargetKey, load.Connections = protocol, key, connections
				load.RequestBytes, load.ResponseBytes, load.Hops, load.FanOut = bytes, bytes, hops, fanOut
				r := run(t, load)
				if r.Load.Requests == 0 || r.Load.Failed() > 0 {
					t.Fatalf("%d requests, failed %+v", r.Load.Requests, r.Load.Errors)
				}
				first, second, last := all[0].Served().Own, all[1].Served().Own, all[2].Served().Own
				if second != fanOut*first || last != second || all[2].Onward() != nil {
					t.Errorf("the hops received %d, %d and %d requests, and each is %d calls of the second", first, second, last,
						fanOut)
				}
				on := all[0].Onward()
				if on == nil || on.Sent != second || on.Failed > 0 || on.Opened > connections*fanOut {
					t.Errorf("the first hop called %+v, and the second received %d", on, second)
				}
			})
		}
	}
}

// A failure at the end of a chain is one at its beginning, which says which.
func TestAFailedHopFailsTheRequest(t *testing.T) {
	for _, protocol := range wire.ProtocolIDs() {
		key := wire.Key{7}
		refuses := with(t, target.Options{Identity: key, LargestBody: 10})
		next := &target.Next{Most: wire.Chain{Hops: 2, FanOut: 1}, Connections: 1,
			Addresses: map[v1alpha1.Protocol]string{protocol: refuses.Addr(protocol)}}
		first := calling(t, key, next)
		load := spec(first.Addr(protocol))
		load.Protocol, load.TargetKey, load.Hops, load.Connections, load.Rate = protocol, key, 2, 1, 50
		load.ResponseBytes = 11
		r := run(t, load)
		if r.Load.Requests > 0 || len(r.Load.Errors) == 0 {
			t.Fatalf("%s: %d requests, failed %+v", protocol, r.Load.Requests, r.Load.Errors)
		}
		want := map[bool]string{true: "InvalidArgument", false: "502"}[protocol == v1alpha1.ProtocolGRPC]
		if text := fmt.Sprintf("%+v", r.Load.Errors); !strings.Contains(text, want) {
			t.Errorf("%s: failed %s, want %s", protocol, text, want)
		}
		if on := first.Onward(); on.Failed == 0 || on.Failed != on.Sent {
			t.Errorf("%s: the first hop counts %+v", protocol, on)
		}
	}
}

// Nobody but the run can make a target call on, or further than it was made for.
func TestStrangersGoNoFurther(t *testing.T) {
	key := wire.Key{7}
	all := chainOf(t, key, 2, 2, 2)
	base := "http://" + all[0].Addr(v1alpha1.ProtocolHTTP1)
	for path, want := range map[string]int{
		"/?chain=2,2":                    http.StatusBadRequest,
		"/" + key.Mark() + "?chain=2,2":  http.StatusOK,
		"/" + key.Mark() + "?chain=2,3":  http.StatusBadRequest,
		"/" + key.Mark() + "?chain=3,1":  http.StatusBadRequest,
		"/" + key.Mark() + "?chain=x":    http.StatusBadRequest,
		"/" + key.Mark() + "?chain=17,1": http.StatusBadRequest,
	} {
		response, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, response.StatusCode, want)
		}
	}
	if on := all[0].Onward(); on.Sent != 2 {
		t.Errorf("%d calls went on, want those of one request", on.Sent)
	}
}

// The probe goes the whole way, each hop proves to be the run's own and says what it
// saw, and whoever stands in for one of them is named.
func TestAProbeGoesThroughAChain(t *testing.T) {
	key := wire.Key{7}
	for _, protocol := range wire.ProtocolIDs() {
		all := chainOf(t, key, 3, 1, 1)
		load := spec(all[0].Addr(protocol))
		load.Protocol, load.TargetKey, load.Hops = protocol, key, 3
		p, _, err := awaitTarget(t.Context(), load, nil)
		if err != nil {
			t.Fatal(err)
		}
		hops := 1
		for next := p.Next; next != nil; next = next.Next {
			hops++
			if next.RemoteAddress == "" || next.Pod == "" || len(next.ResponseHeaders) == 0 {
				t.Errorf("%s: hop %d saw %+v", protocol, hops, next)
			}
			for _, name := range next.Headers {
				if !wire.OwnRequestHeader(name) {
					t.Errorf("%s: hop %d saw header %s, which the hop before it writes itself", protocol, hops, name)
				}
			}
		}
		if p.Impostor != "" || hops != 3 || p.Served == nil {
			t.Errorf("%s: %d hops answered, %+v", protocol, hops, p)
		}
		foreign := calling(t, wire.Key{8}, nil)
		next := &target.Next{Most: wire.Chain{Hops: 2, FanOut: 1}, Connections: 1,
			Addresses: map[v1alpha1.Protocol]string{protocol: foreign.Addr(protocol)}}
		load.Target, load.Hops = calling(t, key, next).Addr(protocol), 2
		if p, _, err = awaitTarget(t.Context(), load, nil); err != nil || !strings.Contains(p.Impostor, "hop 2: ") ||
			p.Served != nil {
			t.Errorf("%s: another target answers for hop 2, and the probe is %+v, %v", protocol, p, err)
		}
	}
}
