// Package cli is the command line: flags in, report out. Commands are thin;
// what they do is in the packages they call.
package cli
