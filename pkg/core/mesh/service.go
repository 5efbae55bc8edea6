package mesh

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// withoutServer takes back what cannot be known of requests to a Service of the
// user's: no target of the run says what arrived. What the client's side shows stays,
// and so does the mutual TLS that its proxy counted.
func withoutServer(d v1alpha1.DataPlane, s v1alpha1.ServiceState) v1alpha1.DataPlane {
	if d.Path == v1alpha1.PathNone || d.Path == v1alpha1.PathClientSide {
		d.Path = v1alpha1.PathUnknown
		d.PathEvidence = append(d.PathEvidence,
			"nothing was seen of the server's side: no target of the run says what arrived at Service "+s.Name)
	}
	if d.MTLS == v1alpha1.AnswerNo {
		d.MTLS = v1alpha1.AnswerUnknown
		d.MTLSEvidence = append(d.MTLSEvidence, fmt.Sprintf("what reached the pods of Service %s was not seen", s.Name))
	}
	return d
}
