// Package meter tells what containers and nodes used in a window, from outside
// of the pods that are measured: by the kubelets' cAdvisor, by a Prometheus
// server, or by metrics.k8s.io, whichever is the best that may be read.
//
// Sources keep their own clocks: every sample counts at the instant that its
// source gave it. What a counter grew by between two samples is spread evenly
// over the time between them, and cut to the window. So at each edge of the
// window a figure is wrong by no more than what the counter grew by in the one
// interval across that edge; the bound is part of the figure. What cannot be
// told is missing, with a reason.
package meter
