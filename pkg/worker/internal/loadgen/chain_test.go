package loadgen

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

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
		next := &target.Next{Most: wire.Chain{Hops: 2, FanOut: 1}, Connections: 1,
			Addresses: map[v1alpha1.Protocol]string{protocol: "127.0.0.1:1"}}
		load := spec(calling(t, key, next).Addr(protocol))
		load.Protocol, load.TargetKey, load.Hops, load.Connections = protocol, key, 2, 1
		load.RequestTimeout.Duration, load.Rate = 5*time.Second, 50
		r := run(t, load)
		if r.Load.Requests > 0 || len(r.Load.Errors) == 0 {
			t.Fatalf("%s: %d requests, failed %+v", protocol, r.Load.Requests, r.Load.Errors)
		}
		if text := fmt.Sprintf("%+v", r.Load.Errors[0]); protocol != v1alpha1.ProtocolGRPC && !strings.Contains(text, "502") {
			t.Errorf("%s: failed %s", protocol, text)
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
