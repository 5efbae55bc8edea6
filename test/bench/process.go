package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// process is a server that runs until it is stopped.
type process struct {
	command *exec.Cmd
	address string
}

// pinned is a command on one processor only.
func pinned(ctx context.Context, processor int, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(processor), name}, args...)...)
	command.Stderr = os.Stderr
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
			return nil, fmt.Errorf("%s does not listen on %s: %w", command.Path, address, err)
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
		return nil, fmt.Errorf("%v: %w", command.Args, err)
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
