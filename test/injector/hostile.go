package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// forgedRequests stand in every result that a forger writes.
const forgedRequests = 123_456_789

// forgery is the log of a worker that measured what it wanted, sealed with a key of
// its own, and what steers a terminal.
func forgery() string {
	var log strings.Builder
	frames := wire.NewWriter(&log, wire.Key{1})
	load := v1alpha1.LoadResult{}
	load.Requests = forgedRequests
	for _, f := range []wire.Frame{{Type: wire.TypeResult, Result: &wire.Result{Load: load}}, {Type: wire.TypeEnd}} {
		_ = frames.Write(f) // to a string
	}
	return "no such user\n" + log.String() + "\x1b]0;owned\x07\x1b[2J\r"
}

// impersonate answers in a target's place: whatever HTTP asks with what looks like
// an answer, gRPC with an error that holds a forged log.
func impersonate(ctx context.Context) error {
	lie := forgery()
	server := &http.Server{Addr: fmt.Sprintf(":%d", portOf(v1alpha1.ProtocolHTTP1)), ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.PathProbe {
				_, _ = io.WriteString(w,
					`{"remoteAddress":"10.0.0.1","protocol":"HTTP/1.1","pod":"`+strings.Repeat(`\u001b`, 9)+`"}`)
			}
		})}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", fmt.Sprintf(":%d", portOf(v1alpha1.ProtocolGRPC)))
	if err != nil {
		return err
	}
	forger := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Internal, lie)
	}))
	failed := make(chan error, 2)
	go func() { failed <- server.ListenAndServe() }()
	go func() { failed <- forger.Serve(l) }()
	return <-failed
}

func portOf(id v1alpha1.Protocol) int32 {
	p, _ := wire.ProtocolOf(id)
	return p.Port
}

const (
	// floodFor ends a flood that nobody ends.
	floodFor = 3 * time.Minute
	flooders = 4
)

// flood asks an address as fast as it answers.
func flood(ctx context.Context, address string) error {
	ctx, stop := context.WithTimeout(ctx, floodFor)
	defer stop()
	var all sync.WaitGroup
	for range flooders {
		all.Go(func() {
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
				if err != nil {
					return
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					time.Sleep(100 * time.Millisecond) // there is nobody yet, or no more
					continue
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
			}
		})
	}
	all.Wait()
	return errors.New("the flood is over")
}
