// Package wire is the contract between the plugin and the worker it puts in
// the cluster.
//
// A worker gets its specification as one argument and answers with frames on
// its standard output, one a line, which the plugin reads from the container's
// log:
//
//	meshbench/1 <CRC-32C of the JSON, 8 hex digits> <JSON>
//
// Nothing listens for commands. Lines that are no frames are passed over: a
// runtime or an injected wrapper may print some. A frame that is damaged is an
// error, and so is a worker of another version.
package wire

// Version is that of the frames and of the specifications. A plugin and a
// worker that differ in it do not work together.
const Version = 1
