package runner

import (
	"bytes"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// toldTo is what a load pod was told, held to what the plan says of its trial:
// an admission webhook, or whoever made a pod that looks like ours, may have
// told it something else. Only the shared start is the pod's own.
func (x *run) toldTo(t plan.Trial, attempt int, pod *corev1.Pod) (wire.LoadSpec, error) {
	told, ok := specOf(pod)
	if !ok || told.Client < 0 || told.Client >= t.Level.Clients {
		return told, loadError(pod, fmt.Errorf("it was not told what this run tells its load pods"))
	}
	planned, err := workload.LoadSpec(x.plan.Run, x.plan.Load(t, attempt, 0), told.Client)
	if err != nil {
		return told, loadError(pod, err)
	}
	planned.StartAt = told.StartAt
	want, wantErr := json.Marshal(planned)
	have, haveErr := json.Marshal(told)
	if wantErr != nil || haveErr != nil || !bytes.Equal(want, have) {
		return told, loadError(pod, fmt.Errorf("it was told something else than this run planned"))
	}
	return told, nil
}
