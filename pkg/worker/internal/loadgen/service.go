package loadgen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// searchedBytes is how much of a body is searched for what it must contain.
const searchedBytes = 1 << 20

// serviceSender is one connection to a Service of the user's, with one request in
// flight at most. It follows no redirection, and dials no address but the one that
// the Service's name was resolved to.
type serviceSender struct {
	work      workload
	client    *http.Client
	transport *http.Transport
	opened    atomic.Int64
	sent      int
	body      bytes.Buffer
}

func openService(w workload, connections int) ([]sender, error) {
	var all []sender
	for range connections {
		all = append(all, newServiceSender(w))
	}
	return all, nil
}

func newServiceSender(w workload) *serviceSender {
	s := &serviceSender{work: w}
	s.transport = &http.Transport{
		Protocols:          new(http.Protocols),
		MaxConnsPerHost:    1,
		DisableCompression: true,
		TLSClientConfig:    w.call.tls.Clone(),
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			s.opened.Add(1)
			return w.connect(ctx)
		},
	}
	switch {
	case w.protocol != v1alpha1.ProtocolH2C:
		s.transport.Protocols.SetHTTP1(true)
	case w.call.tls != nil:
		s.transport.Protocols.SetHTTP2(true)
	default:
		s.transport.Protocols.SetUnencryptedHTTP2(true)
	}
	s.client = &http.Client{Transport: s.transport, Timeout: w.timeout, CheckRedirect: stay}
	return s
}

func (s *serviceSender) send(ctx context.Context) *failure {
	if n := s.work.RequestsPerConnection; n > 0 && s.sent == n {
		s.transport.CloseIdleConnections()
		s.sent = 0
	}
	s.sent++
	_, failed := s.exchange(ctx)
	return failed
}

// exchange sends one request, and holds its answer to what is expected.
func (s *serviceSender) exchange(ctx context.Context) (*answered, *failure) {
	c := s.work.call
	request, err := http.NewRequestWithContext(ctx, c.Method, c.Scheme()+"://"+s.work.target+c.Path,
		strings.NewReader(c.Body))
	if err != nil {
		return nil, &failure{class: v1alpha1.ErrorOther, detail: "the request cannot be made"}
	}
	request.Header = c.header.Clone()
	response, err := s.client.Do(request)
	if err != nil {
		return nil, classify(err)
	}
	defer func() { _ = response.Body.Close() }()
	s.body.Reset()
	_, err = io.Copy(&s.body, io.LimitReader(response.Body, searchedBytes))
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err != nil {
		return nil, classify(err)
	}
	got := &answered{response.StatusCode, response.Proto, response.Header}
	return got, s.judge(got)
}

// answered is what is kept of an answer beside its body, which has been read.
type answered struct {
	status   int
	protocol string
	header   http.Header
}

func (s *serviceSender) judge(got *answered) *failure {
	c := s.work.call
	var failed *failure
	switch {
	case !slices.Contains(c.Status, got.status):
		failed = &failure{class: v1alpha1.ErrorStatus, detail: strconv.Itoa(got.status)}
	case c.Contains != "" && !bytes.Contains(s.body.Bytes(), []byte(c.Contains)):
		failed = &failure{class: v1alpha1.ErrorOther, detail: "the body lacks what expect.bodyContains asks for"}
	default:
		return nil
	}
	if !c.secret {
		start := s.body.Bytes()
		failed.answer = wordsOf(got.header, string(start[:min(len(start), maxWords)]))
	}
	return failed
}

func (s *serviceSender) sockets() int64 { return s.opened.Load() }

func (s *serviceSender) close() { s.transport.CloseIdleConnections() }

// servicePause is the time between two looks whether a Service of the user's answers.
const servicePause = time.Second

// askService asks once, as load will, and tells what the answer shows of what stands
// between. A failure is an error: load on a Service that does not answer as expected
// begins nothing.
func askService(ctx context.Context, w workload) (wire.Probe, error) {
	var p wire.Probe
	if w.protocol == v1alpha1.ProtocolGRPC {
		return askServiceGRPC(ctx, w)
	}
	s := newServiceSender(w)
	defer s.close()
	got, failed := s.exchange(ctx)
	if failed != nil {
		return p, failed.err()
	}
	p.Protocol = got.protocol
	p.Answered(got.header)
	p.ServerHeader = clean(p.ServerHeader)
	return p, nil
}

// err is a failure in words.
func (f *failure) err() error {
	text := strings.TrimSpace(string(f.class) + " " + f.detail)
	if f.answer != nil && f.answer.Body != "" {
		text += ": " + f.answer.Body
	}
	return fmt.Errorf("the answer is not what is expected: %s", text)
}

func askServiceGRPC(ctx context.Context, w workload) (wire.Probe, error) {
	g := &grpcCall{work: w}
	if err := g.connect(); err != nil {
		return wire.Probe{}, err
	}
	defer g.close()
	var header metadata.MD
	if md := w.call.metadata(); md != nil {
		ctx = metadata.NewOutgoingContext(ctx, md)
	}
	answer, err := healthpb.NewHealthClient(g.connection).Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Header(&header))
	if err == nil && answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		err = status.Error(codes.Unavailable, "not serving")
	}
	if err != nil {
		return wire.Probe{}, w.call.said(err)
	}
	p := wire.Probe{Protocol: wire.ProtocolSeenGRPC}
	p.Answered(header)
	p.ServerHeader = clean(p.ServerHeader)
	return p, nil
}

// said is an error of gRPC, without its words where they may hold a secret.
func (c *call) said(err error) error {
	if c.secret {
		return fmt.Errorf("the call got %s", status.Code(err))
	}
	return err
}
