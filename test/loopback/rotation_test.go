package loopback_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// Tokens of a credential plugin that end after three seconds, several times in a
// run: client-go asks for a new one when it meets a 401, and nothing is lost.
func TestCredentialsThatRotateLoseNothing(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	front := loopback.StartFront(l.server.URL(), http.DefaultTransport, nil)
	t.Cleanup(front.Close)
	const life = 3 * time.Second
	tokens := map[string]bool{}
	front.Demand(func(token string) bool {
		made, err := strconv.ParseInt(token, 10, 64)
		if err != nil || time.Since(time.Unix(0, made)) > life {
			return false
		}
		tokens[token] = true
		return true
	})
	if err := front.Kubeconfig(l.kubeconfig, "front"); err != nil {
		t.Fatal(err)
	}
	l.authenticate(`#!/bin/sh
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(date +%s%N)"
`)
	o := l.call(small("--rounds", "3")...)
	if o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.errOut)
	}
	if n := completed(t, o.report(t)); n != 6 {
		t.Errorf("%d trials with a result, want 6\n%s", n, o.errOut)
	}
	if front.Refused() < 3 || len(tokens) < 3 {
		t.Errorf("%d requests were refused and %d tokens used: the credentials have not rotated", front.Refused(), len(tokens))
	}
	l.nothingLeft()
}

// authenticate lets a script say who the kubeconfig's user is.
func (l *lab) authenticate(script string) {
	l.Helper()
	program := filepath.Join(l.home, "credentials")
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		l.Fatal(err)
	}
	l.user("{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " + program + "}}")
}

// user puts credentials, in YAML, into the kubeconfig.
func (l *lab) user(credentials string) {
	l.Helper()
	config, err := os.ReadFile(l.kubeconfig)
	if err != nil {
		l.Fatal(err)
	}
	edited := strings.Replace(string(config), "user: {}", "user: "+credentials, 1)
	if edited == string(config) {
		l.Fatalf("the kubeconfig has no user to replace:\n%s", config)
	}
	if err := os.WriteFile(l.kubeconfig, []byte(edited), 0o600); err != nil {
		l.Fatal(err)
	}
}
