package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// process is a server that runs until it is stopped.
type process struct {
	command *exec.Cmd
	address string
}

// lastWords keeps the end of what a process says: it is told where the process
// failed, because servers log every connection that a measurement cuts off.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

const lastWordsBytes = 1000

func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-lastWordsBytes):]
	return len(p), nil
}

// said is the end of what a command wrote to its standard error.
func said(command *exec.Cmd) string {
	l, ok := command.Stderr.(*lastWords)
	if !ok {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.text))
}

// pinned is a command on one processor only.
func pinned(ctx context.Context, processor int, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(processor), name}, args...)...)
	command.Stderr = &lastWords{}
	return command
}

// serve starts a server and waits until it accepts connections on address.
func serve(ctx context.Context, command *exec.Cmd, address string) (*process, error) {
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Path, err)
	}
	p := &process{command: command, address: address}
	for deadline := time.Now().Add(10 * time.Second); ; {
		connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
		if err == nil {
			return p, connection.Close()
		}
		if time.Now().After(deadline) {
			p.stop()
			return nil, fmt.Errorf("%v does not listen on %s: %w\n%s", command.Args, address, err, said(command))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *process) stop() {
	// It may have ended already.
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// output runs a client to its end and returns what it printed.
func output(command *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	command.Stdout = &out
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", command.Args, err, said(command))
	}
	return out.Bytes(), nil
}

// freeAddress is an address of this machine that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
