package target

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func listening(t *testing.T, drain *Drain) (s *Server, stop func(), ended chan error) {
	t.Helper()
	s, err := Listen(t.Context(), Options{Addresses: map[v1alpha1.Protocol]string{
		v1alpha1.ProtocolHTTP1: "127.0.0.1:0", v1alpha1.ProtocolGRPC: "127.0.0.1:0"}, Drain: drain})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	ended = make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	return s, stop, ended
}

// A target that drains finishes what is under way; one that does not drops it at once.
func TestATargetThatDrainsFinishesWhatIsUnderWay(t *testing.T) {
	for name, c := range map[string]struct {
		drain *Drain
		lost  bool
	}{"drains": {&Drain{}, false}, "drops": {nil, true}} {
		t.Run(name, func(t *testing.T) {
			s, stop, ended := listening(t, c.drain)
			// The target reads the body, and so has begun, when it says to continue.
			begun := make(chan struct{})
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(begun) }})
			body, rest := io.Pipe()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.Addr(v1alpha1.ProtocolHTTP1)+"/", body)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Expect", "100-continue")
			answered := make(chan error, 1)
			go func() {
				answer, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(request)
				if err == nil {
					_ = answer.Body.Close()
				}
				answered <- err
			}()
			<-begun
			stop()
			if c.lost {
				if err := <-ended; err != nil {
					t.Error(err)
				}
			} else {
				for !s.draining.Load() {
					time.Sleep(time.Millisecond)
				}
			}
			_ = rest.Close()
			if err := <-answered; (err != nil) != c.lost {
				t.Errorf("the request under way ended with %v", err)
			}
			if !c.lost {
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Before it stops to accept, a target goes on for a while, and sends clients away with
// each answer.
func TestATargetThatDrainsGoesOnToAcceptForAWhile(t *testing.T) {
	s, stop, ended := listening(t, &Drain{Delay: time.Hour})
	stop()
	for !s.draining.Load() {
		time.Sleep(time.Millisecond)
	}
	for range 2 {
		answer, err := http.Get("http://" + s.Addr(v1alpha1.ProtocolHTTP1) + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !answer.Close {
			t.Errorf("status %d, to be closed: %t", answer.StatusCode, answer.Close)
		}
	}
	select {
	case err := <-ended:
		t.Errorf("it ended before its time: %v", err)
	default:
	}
	s.stop() // no test waits for an hour
}
