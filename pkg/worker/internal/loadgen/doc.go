// Package loadgen drives load against a target and records every answer. It
// owns the schedule and the recording; the connections and the protocols are
// those of fortio (HTTP/1.1), golang.org/x/net (HTTP/2 cleartext) and gRPC.
package loadgen
