package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
)

// peer is one load generator, as its manual says that it is used.
type peer struct {
	name, program string
	// needs is what must be here; the program if empty.
	needs string
	grpc  bool
	// fast are its arguments for a closed loop, steady those for the fixed rate. A
	// program without one of them is left out there.
	fast, steady func(address string) []string
	// read reads what it printed.
	read func([]byte) (outcome, error)
}

// all are the peers, ours first. Rates are divided over connections where a program
// takes them so.
func (p peers) all() []peer {
	seconds := strconv.Itoa(int(p.window.Seconds()))
	few, many, rate := strconv.Itoa(connections), strconv.Itoa(peerConnections), strconv.Itoa(peerRate)
	each := strconv.FormatFloat(float64(peerRate)/peerConnections, 'f', -1, 64)
	url := func(address string) string { return "http://" + address + "/?size=0" }
	built := func(name string) string { return filepath.Join(p.dir, name) }
	// fortio ends with what it calls, before which a call's kind may stand.
	fortio := func(c, qps string, call func(string) []string, more ...string) func(string) []string {
		args := append([]string{"load", "-quiet", "-json", "-", "-r", "0.0001", "-p", "50,99,99.9", "-c", c, "-qps", qps,
			"-t", p.window.String()}, more...)
		return func(address string) []string { return append(slices.Clone(args), call(address)...) }
	}
	get := func(a string) []string { return []string{url(a)} }
	check := func(a string) []string { return []string{"-grpc", a} }
	return []peer{
		p.socketsPeer(),
		{"meshbench", p.worker, "", false, p.ours(false, 0), p.ours(false, peerRate), readOurs},
		{"fortio", built("fortio"), "", false, fortio(few, "0", get), fortio(many, rate, get), readFortio},
		{"fortio -nocatchup", built("fortio"), "", false, nil, fortio(many, rate, get, "-nocatchup", "-uniform"), readFortio},
		{"wrk", "wrk", "", false,
			func(a string) []string { return []string{"--latency", "-t1", "-c" + few, "-d" + seconds, url(a)} },
			func(a string) []string { return []string{"--latency", "-t1", "-c" + many, "-d" + seconds, url(a)} }, readWrk},
		{"hey", built("hey"), "", false,
			func(a string) []string { return []string{"-c", few, "-z", p.window.String(), "-o", "csv", url(a)} },
			func(a string) []string {
				return []string{"-c", many, "-q", each, "-z", p.window.String(), "-o", "csv", url(a)}
			}, p.readHey},
		{"h2load --h1", "h2load", "", false,
			func(a string) []string {
				return []string{"--h1", "-c", few, "-D", seconds, "--log-file", h2loadLog, url(a)}
			},
			func(a string) []string {
				return []string{"--h1", "-c", many, "-D", seconds, "--rps", each, "--log-file", h2loadLog, url(a)}
			}, p.readH2load},
		{"vegeta", "sh", built("vegeta"), false, nil, func(a string) []string { return []string{"-c", p.vegeta(url(a))} },
			p.readVegeta},
		{"meshbench", p.worker, "", true, p.ours(true, 0), p.ours(true, peerRate), readOurs},
		{"fortio", built("fortio"), "", true, fortio(few, "0", check), fortio(many, rate, check), readFortio},
	}
}

// vegeta is a line for a shell: it writes what another of its commands reads.
func (p peers) vegeta(url string) string {
	return fmt.Sprintf("echo 'GET %s' | '%[2]s' attack -rate %[3]d -duration %[4]s -max-connections %[5]d | "+
		"'%[2]s' encode -to csv", url, filepath.Join(p.dir, "vegeta"), peerRate, p.window, peerConnections)
}
