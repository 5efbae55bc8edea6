// Package e2e tries the plugin as its users do: the real binary, a real API
// server, real pods. Its tests are built with the tag e2e and started by
// `make e2e`, which prepares a throwaway cluster.
package e2e
