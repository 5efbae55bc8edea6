// Package wire is the contract between the plugin and the worker it puts in
// the cluster.
//
// A worker gets its specification as one argument and answers with frames on
// its standard output, one a line, which the plugin reads from the container's
// log:
//
//	meshbench/4 <number> <seal, 32 hex digits> <JSON>
//
// Frames are numbered from 0. The seal is the HMAC-SHA-256 of version, number and
// JSON under a key that the worker got with its specification, cut to its first
// 16 bytes: what a target says may end up in a log, and must not be taken for a
// result. Course holds what a load worker says to what it was told.
//
// Nothing listens for commands. Lines that are no frames are passed over: a
// runtime or an injected wrapper may print some. A frame that is damaged, or not
// sealed by the worker, is an error, and so is a worker of another version.
package wire

// Version is that of the frames and of the specifications. A plugin and a
// worker that differ in it do not work together.
const Version = 4
