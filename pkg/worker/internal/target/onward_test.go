package target

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// first is a target that calls on by one protocol.
func first(t *testing.T, protocol v1alpha1.Protocol, next string) string {
	t.Helper()
	s, err := Listen(t.Context(), Options{Identity: wire.Key{1}, Addresses: map[v1alpha1.Protocol]string{
		protocol: "127.0.0.1:0"}, Next: &Next{Most: wire.Chain{Hops: 2, FanOut: 1}, Connections: 1,
		Addresses: map[v1alpha1.Protocol]string{protocol: next}}})
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
	return s.Addr(protocol)
}

// Each hop hands on the headers of traces, and no others; and asks the next for the
// same delay.
func TestTracesAreHandedOn(t *testing.T) {
	key := wire.Key{1}
	type seen struct {
		query  string
		header http.Header
	}
	got := make(chan seen, 1)
	next := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got <- seen{r.URL.RawQuery, r.Header}
	}))
	defer next.Close()
	address := first(t, v1alpha1.ProtocolHTTP1, strings.TrimPrefix(next.URL, "http://"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"http://"+address+"/"+key.Mark()+"?size=0&delay=7ms&chain=2,1", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range handedOn() {
		request.Header.Set(name, "of "+name)
	}
	request.Header.Set("Authorization", "Bearer x")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	arrived := <-got
	for _, name := range handedOn() {
		if arrived.header.Get(name) != "of "+name {
			t.Errorf("header %s arrived as %q", name, arrived.header.Get(name))
		}
	}
	if arrived.header.Get("Authorization") != "" || !strings.Contains(arrived.query, "delay=7ms") ||
		!strings.Contains(arrived.query, "chain=1,1") {
		t.Errorf("the next hop got %+v", arrived)
	}
}

// tracing is a next target over gRPC that tells the metadata that arrived.
type tracing struct {
	got chan metadata.MD
}

func (s tracing) Ping(ctx context.Context, in *fgrpc.PingMessage) (*fgrpc.PingMessage, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if _, limited := ctx.Deadline(); !limited {
		md.Set("without-deadline", "true")
	}
	s.got <- md
	return in, nil
}

func TestTracesAndDeadlinesAreHandedOnByGRPC(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	next, server := tracing{got: make(chan metadata.MD, 1)}, grpc.NewServer()
	fgrpc.RegisterPingServerServer(server, next)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	connection, err := grpc.NewClient(first(t, v1alpha1.ProtocolGRPC, listener.Addr().String()),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	ctx = metadata.AppendToOutgoingContext(ctx, wire.MetadataChain, "2,1", "traceparent", "00-1-2-01",
		"grpc-trace-bin", "\x00\x01", "authorization", "Bearer x")
	if _, err := fgrpc.NewPingServerClient(connection).Ping(ctx,
		&fgrpc.PingMessage{Seq: wire.Key{1}.MarkNumber()}); err != nil {
		t.Fatal(err)
	}
	md := <-next.got
	if md.Get("traceparent")[0] != "00-1-2-01" || md.Get("grpc-trace-bin")[0] != "\x00\x01" ||
		len(md.Get("authorization"))+len(md.Get("without-deadline")) > 0 {
		t.Errorf("the next hop got %v", md)
	}
}

// A client that goes away ends the call behind it.
func TestAClientThatLeavesEndsTheCallsBehindIt(t *testing.T) {
	key := wire.Key{1}
	began, ended := make(chan struct{}), make(chan struct{})
	next := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		close(ended)
	}))
	defer next.Close()
	address := first(t, v1alpha1.ProtocolHTTP1, strings.TrimPrefix(next.URL, "http://"))
	ctx, leave := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/"+key.Mark()+"?size=0&chain=2,1",
		nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-began
		leave()
	}()
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatal("there was an answer")
	}
	<-ended
}
