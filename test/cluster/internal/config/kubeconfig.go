package config

import (
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/pki"
)

// Kubeconfig is a self-contained kubeconfig of one user.
func Kubeconfig(cluster, server, user string, ca []byte, pair pki.Pair) ([]byte, error) {
	type named map[string]any
	data, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "Config",
		"clusters":   []named{{"name": cluster, "cluster": named{"server": server, "certificate-authority-data": ca}}},
		"users": []named{{"name": user,
			"user": named{"client-certificate-data": pair.Cert, "client-key-data": pair.Key}}},
		"contexts":        []named{{"name": cluster, "context": named{"cluster": cluster, "user": user}}},
		"current-context": cluster,
	})
	if err != nil {
		return nil, fmt.Errorf("render the kubeconfig of %s: %w", user, err)
	}
	return data, nil
}
