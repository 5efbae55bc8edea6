// Package target is the server that load workers measure against: an echo over
// HTTP/1.1, the same over HTTP/2 cleartext, and fortio's ping plus
// grpc.health.v1, each on a port of its own. Size, delay and status are asked
// for per request in fortio's own parameter names, so that fortio's client works
// against it.
package target
