package cluster

import (
	"fmt"
	"os"
	"path/filepath"
)

// auditPolicy keeps what programs asked for, without their bodies, but for those
// of namespaces: they say who may be in them. Components of the cluster are left out.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  userGroups: [system:nodes, "system:serviceaccounts:kube-system"]
- level: None
  users: [system:kube-scheduler, system:kube-controller-manager, system:kube-proxy, system:coredns, system:apiserver]
- level: Request
  verbs: [create, update, patch]
  resources:
  - {group: "", resources: [namespaces]}
- level: Metadata
`

// AuditLog is the file that the API server writes to if the layout asks for it.
func (c Cluster) AuditLog() string { return filepath.Join(c.LogDir(), "audit.jsonl") }

// auditFlags are what the API server needs to keep its audit log; none if nobody
// asked for one.
func (c Cluster) auditFlags() ([]string, error) {
	if !c.Audit {
		return nil, nil
	}
	policy := filepath.Join(c.ConfigDir(), "audit-policy.yaml")
	if err := os.WriteFile(policy, []byte(auditPolicy), 0o644); err != nil {
		return nil, fmt.Errorf("write the audit policy: %w", err)
	}
	return []string{"--audit-policy-file=" + policy, "--audit-log-path=" + c.AuditLog(),
		// One file: a part that was rotated away would be a part that nobody looks at.
		"--audit-log-maxsize=4096"}, nil
}
