module github.com/meshbench/kubectl-meshbench/test/cluster

go 1.26.0

require (
	github.com/google/go-containerregistry v0.22.1
	github.com/spf13/cobra v1.10.2
	golang.org/x/sys v0.48.0
	sigs.k8s.io/yaml v1.6.0
)
