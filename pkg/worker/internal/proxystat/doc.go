// Package proxystat reads the request counters of the proxy in the worker's own
// pod, as the proxy serves them to Prometheus: what it counted is the first
// witness of whether requests went through it.
package proxystat
