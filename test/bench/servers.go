package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// servers are what clients are measured against.
type servers struct {
	target, targetGRPC, fortio string
	// reference is a server in C, so that the server is not what limits a
	// client; empty where haproxy is not installed.
	reference string
}

const referenceConfig = `global
  maxconn 4096
  nbthread 1
defaults
  mode http
  timeout client 1m
  timeout connect 1m
  timeout server 1m
frontend reference
  bind %s
  http-request return status 200 content-type application/json string "{}" if { path_beg /meshbench/probe }
  http-request return status 200
`

func (b *bench) start(ctx context.Context) (servers, error) {
	var s servers
	addresses := []*string{&s.target, &s.targetGRPC, &s.fortio, &s.reference}
	for _, a := range addresses {
		var err error
		if *a, err = freeAddress(ctx); err != nil {
			return s, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	target, err := serve(ctx,
		pinned(ctx, b.serverCPU, b.worker, "target", "--http", s.target, "--grpc", s.targetGRPC, "--metrics", ""), s.target)
	if err != nil {
		return s, err
	}
	b.running = append(b.running, target)
	b.target = target
	echo, err := serve(ctx, pinned(ctx, b.serverCPU, self, "fortio-server", s.fortio), s.fortio)
	if err != nil {
		return s, err
	}
	b.running = append(b.running, echo)
	dir, err := os.MkdirTemp("", "meshbench-bench-")
	if err != nil {
		return s, err
	}
	b.dir = dir
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, fmt.Appendf(nil, referenceConfig, s.reference), 0o600); err != nil {
		return s, err
	}
	haproxy, err := serve(ctx, pinned(ctx, b.serverCPU, "/usr/sbin/haproxy", "-db", "-f", file), s.reference)
	if err != nil {
		fmt.Println("no haproxy to measure against:", err)
		s.reference = ""
		return s, nil
	}
	b.running = append(b.running, haproxy)
	return s, nil
}
