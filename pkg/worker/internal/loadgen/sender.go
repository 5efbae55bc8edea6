package loadgen

import (
	"context"
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// sender is one connection. It is used by one goroutine at a time.
type sender interface {
	// send sends one request and waits for its answer; nil means that it was
	// answered as asked.
	send(ctx context.Context) *failure
	// sockets counts the connections opened so far.
	sockets() int64
	close()
}

// failure says why a request was not answered as asked.
type failure struct {
	class  v1alpha1.ErrorClass
	detail string
}

// workload is what every request of a trial asks for, and where.
type workload struct {
	target  string
	timeout time.Duration
	v1alpha1.Request
}

func workloadOf(s wire.LoadSpec) workload {
	return workload{target: s.Target, timeout: s.RequestTimeout.Duration, Request: s.Request}
}

// url asks the target's echo for the answer that is wanted.
func (w workload) url() string {
	u := fmt.Sprintf("http://%s/?size=%d", w.target, w.ResponseBytes)
	if w.ServerDelay.Duration > 0 {
		u += "&delay=" + w.ServerDelay.Duration.String()
	}
	return u
}

// dial returns the connections of a trial, not yet opened.
func dial(s wire.LoadSpec) ([]sender, error) {
	w := workloadOf(s)
	open := map[v1alpha1.Protocol]func(workload, int) ([]sender, error){
		v1alpha1.ProtocolHTTP1: openHTTP1,
		v1alpha1.ProtocolH2C:   openH2C,
		v1alpha1.ProtocolGRPC:  openGRPC,
	}[s.Protocol]
	if open == nil {
		return nil, fmt.Errorf("protocol %q is not known", s.Protocol)
	}
	return open(w, s.Connections)
}
