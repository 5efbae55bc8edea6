package v1alpha1

import (
	"maps"
	"slices"
)

// Pods are what a run's pods carry beside what every run gives them, where a
// cluster or a mesh asks for it. All but Arms is the same for the load and target
// pods of every arm, so that arms differ in their mesh only.
type Pods struct {
	// Labels of all pods. The keys of meshbench itself are refused.
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations of all pods. The keys of meshbench itself are refused.
	Annotations map[string]string `json:"annotations,omitempty"`
	// Arms are labels and annotations of one arm's pods, by the arm's name, where
	// its mesh wants them: sidecar.istio.io/inject, or the size of its proxy. They
	// win over those of all pods, and the report says that arms differ in them.
	Arms map[string]PodMarks `json:"arms,omitempty"`
	// Tolerations let pods onto tainted nodes. At most 20; each names a key.
	Tolerations []Toleration `json:"tolerations,omitempty"`
	// NodeSelector are labels that a node must have. kubernetes.io/os is linux.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// PriorityClassName is the name of a PriorityClass; not one of the system's own.
	PriorityClassName string `json:"priorityClassName,omitempty"`
	// RuntimeClassName is the name of a RuntimeClass.
	RuntimeClassName string `json:"runtimeClassName,omitempty"`
	// ServiceAccountName is a ServiceAccount that every namespace has. Its token is
	// mounted only where the mesh needs one.
	ServiceAccountName string `json:"serviceAccountName,omitempty"`
	// ImagePullSecrets are names of secrets that every namespace has.
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`
	// EphemeralStorage is request and limit of every pod, a quantity up to 1Ti.
	EphemeralStorage *Quantity `json:"ephemeralStorage,omitempty"`
	// Resources are extended resources that every pod asks for, by name, as whole
	// numbers. CPU and memory are in spec.load and spec.target.
	Resources map[string]Quantity `json:"resources,omitempty"`
}

// PodMarks are labels and annotations of pods.
type PodMarks struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Toleration is one of a pod's, as Kubernetes has it.
type Toleration struct {
	// Key is that of the taint.
	Key string `json:"key"`
	// Operator is Equal (default) or Exists, which takes any value.
	Operator string `json:"operator,omitempty"`
	// Value is that of the taint, if the operator is Equal.
	Value string `json:"value,omitempty"`
	// Effect is NoSchedule, NoExecute or PreferNoSchedule; all of them if empty.
	Effect string `json:"effect,omitempty"`
}

// Marks are the labels and annotations of one arm's pods.
func (p *Pods) Marks(arm string) PodMarks {
	if p == nil {
		return PodMarks{}
	}
	out := PodMarks{Labels: maps.Clone(p.Labels), Annotations: maps.Clone(p.Annotations)}
	own := p.Arms[arm]
	out.Labels, out.Annotations = over(out.Labels, own.Labels), over(out.Annotations, own.Annotations)
	return out
}

// IsZero reports whether nothing is wanted.
func (p *Pods) IsZero() bool {
	return p == nil || len(p.Labels)+len(p.Annotations)+len(p.Arms)+len(p.Tolerations)+len(p.NodeSelector)+
		len(p.ImagePullSecrets)+len(p.Resources) == 0 && p.PriorityClassName == "" && p.RuntimeClassName == "" &&
		p.ServiceAccountName == "" && p.EphemeralStorage == nil
}

// DeepCopy shares nothing with p.
func (p *Pods) DeepCopy() *Pods {
	out := *p
	out.Labels, out.Annotations, out.NodeSelector = maps.Clone(p.Labels), maps.Clone(p.Annotations),
		maps.Clone(p.NodeSelector)
	out.Tolerations, out.ImagePullSecrets = slices.Clone(p.Tolerations), slices.Clone(p.ImagePullSecrets)
	out.Resources = maps.Clone(p.Resources)
	if p.Arms != nil {
		out.Arms = map[string]PodMarks{}
		for arm, m := range p.Arms {
			out.Arms[arm] = PodMarks{Labels: maps.Clone(m.Labels), Annotations: maps.Clone(m.Annotations)}
		}
	}
	return &out
}

func over(all, own map[string]string) map[string]string {
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, own)
	return all
}
