// Package loadgen drives load against a target and records every answer. It
// owns the schedule, the recording and the connections of HTTP/1.1; the other
// protocols are those of net/http (HTTP/2 cleartext) and gRPC.
package loadgen
