package wire

import (
	"slices"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Protocol is what load and targets agree on for one protocol. Each has a port
// of its own: a mesh takes a port for one protocol, and treats its traffic
// accordingly. How a mesh wants the port to be written is in its document.
type Protocol struct {
	ID v1alpha1.Protocol
	// Port is where targets speak it, and PortName its name in pods and Services.
	// The target's flag for the address has the same name.
	Port     int32
	PortName string
	// Success is the status of an answer as it was asked for.
	Success string
	// Named is what a request is called in words.
	Named func(v1alpha1.Request) string
	// Load and Target are what each side's process needs.
	Load, Target Memory
}

// HTTP tells whether answers carry a status code of HTTP.
func (p Protocol) HTTP() bool {
	_, err := strconv.Atoi(p.Success)
	return err == nil
}

func as(name string) func(v1alpha1.Request) string {
	return func(v1alpha1.Request) string { return name }
}

// callOf names a call of gRPC: one without a body and a delay is a health
// check, which has neither; with one it is fortio's ping.
func callOf(r v1alpha1.Request) string {
	if r.RequestBytes > 0 || r.ResponseBytes > 0 || r.ServerDelay.Duration > 0 {
		return "grpc ping"
	}
	return "grpc health check"
}

// Memory is what a worker's process needs for one protocol, beside what it needs
// to run at all: so much for each connection, and for each connection a
// multiple of a request's and an answer's body, of which no more than MostBytes
// count. Bodies were measured as the highest resident memory with GOMEMLIMIT at 60
// MiB and 32 connections with bodies of 4 MiB. Connections were measured as the most
// that a control group of the pod's limit was charged with, sockets included, at
// 10,000 of them without bodies, and have some 10 % to spare: stacks come before the
// heap, so that a limit just above what is live makes the collector work a third of
// the time, and the kernel ends the process all the same.
type Memory struct {
	ConnectionBytes   int64
	Requests, Answers float64
	MostBytes         int64
}

// CollectorPercent of a container's memory is where a worker's garbage collector begins
// to work harder: the rest is for what it does not see, such as stacks of the kernel
// and the binary itself.
const CollectorPercent = 85

// BaseBytes is what a worker needs to run at all.
const BaseBytes = 32 << 20

// Bytes is the need of a process with so many connections.
func (m Memory) Bytes(connections int, requestBytes, answerBytes int64) int64 {
	if m.MostBytes > 0 {
		requestBytes, answerBytes = min(requestBytes, m.MostBytes), min(answerBytes, m.MostBytes)
	}
	each := float64(m.ConnectionBytes) + m.Requests*float64(requestBytes) + m.Answers*float64(answerBytes)
	return BaseBytes + int64(each*float64(connections))
}

// Protocols are all that a worker speaks, in the order of their ports in a pod.
func Protocols() []Protocol {
	return []Protocol{
		{v1alpha1.ProtocolHTTP1, 8080, "http", "200", as("http1"),
			Memory{ConnectionBytes: 24 << 10, Answers: 1, MostBytes: 64 << 10},
			Memory{ConnectionBytes: 28 << 10, Answers: 1, MostBytes: 64 << 10}},
		{v1alpha1.ProtocolH2C, 8078, "h2c", "200", as("h2c"),
			Memory{ConnectionBytes: 72 << 10, Requests: 1.3, Answers: 0.5},
			Memory{ConnectionBytes: 36 << 10, Requests: 0.4, Answers: 0.1}},
		{v1alpha1.ProtocolGRPC, 8079, "grpc", "SERVING", callOf,
			Memory{ConnectionBytes: 96 << 10, Requests: 2, Answers: 1.1},
			Memory{ConnectionBytes: 44 << 10, Requests: 1.3, Answers: 1.2}},
	}
}

// ProtocolIDs are the ids of all protocols.
func ProtocolIDs() []v1alpha1.Protocol {
	var all []v1alpha1.Protocol
	for _, p := range Protocols() {
		all = append(all, p.ID)
	}
	return all
}

// ProtocolOf is the protocol of an id; ok is false if nobody speaks it.
func ProtocolOf(id v1alpha1.Protocol) (p Protocol, ok bool) {
	all := Protocols()
	i := slices.IndexFunc(all, func(p Protocol) bool { return p.ID == id })
	if i < 0 {
		return Protocol{}, false
	}
	return all[i], true
}
