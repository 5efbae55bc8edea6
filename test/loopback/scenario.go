package loopback

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// Scenario is a cluster and what goes wrong in it.
type Scenario struct {
	Namespaces []corev1.Namespace `json:"namespaces"`
	Nodes      []corev1.Node      `json:"nodes"`
	// MoreNodes is how many nodes there are beside those, all alike.
	MoreNodes int `json:"moreNodes,omitempty"`
	// Objects are any others, with apiVersion, kind and namespace.
	Objects []map[string]any `json:"objects,omitempty"`
	// Place says where pods go and how long that takes.
	Place Placing `json:"place,omitempty"`
	// Admission is asked in order; the first that refuses decides.
	Admission []Admission `json:"admission,omitempty"`
	// Waiting is why containers never start; none for those that do.
	Waiting *corev1.ContainerStateWaiting `json:"waiting,omitempty"`
	Faults  []Fault                       `json:"faults,omitempty"`
	Logs    LogFaults                     `json:"logs,omitempty"`
	// Denied are permissions, as "verb resource" or "verb resource namespace".
	Denied []string `json:"denied,omitempty"`
	// OpenFiles is how many files a worker may have open; 0: as many as we.
	OpenFiles int `json:"openFiles,omitempty"`
	// Workers are other programs than the laboratory's for pods on some nodes.
	Workers map[string]string `json:"-"`
	// Want is what calls of the plugin must come to in this cluster.
	Want []Want `json:"want,omitempty"`
	// WatchDelay is how late watches tell of a change.
	WatchDelay metav1.Duration `json:"watchDelay,omitempty"`
}

// Want is a call of the plugin and what must come of it.
type Want struct {
	// Call is the command; "run" is a small run in both arms. Args are added to it.
	Call string   `json:"call"`
	Args []string `json:"args,omitempty"`
	Exit int      `json:"exit"`
	// Says are parts of what it prints, and Never what it must not.
	Says  []string `json:"says,omitempty"`
	Never []string `json:"never,omitempty"`
	// Trials is how many have a result, and Repeats how many load pods may be
	// needed beside those.
	Trials  int `json:"trials,omitempty"`
	Repeats int `json:"repeats,omitempty"`
}

// Placing is the scheduler.
type Placing struct {
	// Load and Target are the nodes of such pods; a pod without stays pending.
	Load   string `json:"load,omitempty"`
	Target string `json:"target,omitempty"`
	// Pending is how long pods wait before they are placed, and Message why.
	Pending metav1.Duration `json:"pending,omitempty"`
	Message string          `json:"message,omitempty"`
	// PendingPods is how many pods have to wait; 0: all.
	PendingPods int `json:"pendingPods,omitempty"`
	// Events are what is said of each pod that waits.
	Events []Said `json:"events,omitempty"`
}

// Said is an event on a pod.
type Said struct {
	Reason  string `json:"reason"`
	Message string `json:"message,omitempty"`
	From    string `json:"from,omitempty"`
}

// Admission refuses or changes pods.
type Admission struct {
	// Lacks selects pods that do not have this field, and Has those that do, such
	// as "metadata.ownerReferences" or "spec.securityContext.runAsUser".
	Lacks string `json:"lacks,omitempty"`
	Has   string `json:"has,omitempty"`
	// FromLoadPod is the load pod with which it begins, counted from 1; 0: at once.
	FromLoadPod int    `json:"fromLoadPod,omitempty"`
	Code        int    `json:"code,omitempty"`
	Message     string `json:"message,omitempty"`
	// In is the only namespace that it acts on; empty for all.
	In string `json:"in,omitempty"`
	// Container is merged into our own container instead, and Merge into pods.
	Container map[string]any `json:"container,omitempty"`
	Merge     map[string]any `json:"merge,omitempty"`
}

// Fault answers requests instead of the API server.
type Fault struct {
	// Path is a prefix of the paths, and Method the method; empty for all.
	Path   string `json:"path,omitempty"`
	Method string `json:"method,omitempty"`
	// FromLoadPod is the load pod whose start begins it, counted from 1; 0: at once.
	FromLoadPod int `json:"fromLoadPod,omitempty"`
	// Lasts bounds it in time, and Times in requests; 0 does not.
	Lasts metav1.Duration `json:"lasts,omitempty"`
	Times int             `json:"times,omitempty"`
	// Delay is how long a request waits first.
	Delay metav1.Duration `json:"delay,omitempty"`
	// Code is the answer's status; 0 closes the connection without one, or lets the
	// API server answer what was delayed.
	Code        int    `json:"code,omitempty"`
	Body        string `json:"body,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	// Location is where a redirect points to.
	Location string `json:"location,omitempty"`
}

// LogFaults are what befalls the logs of load pods.
type LogFaults struct {
	// CutAfterBytes ends a stream; the next one is twice as long.
	CutAfterBytes int `json:"cutAfterBytes,omitempty"`
	// RotatedBytes are missing at the beginning of every stream but the first.
	RotatedBytes int `json:"rotatedBytes,omitempty"`
}

// Parse reads a scenario in YAML: what it says of the sane cluster is otherwise.
// Unknown fields are errors.
func Parse(text []byte) (Scenario, error) {
	s := Sane()
	if err := yaml.UnmarshalStrict(text, &s); err != nil {
		return s, fmt.Errorf("scenario: %w", err)
	}
	return s, nil
}

// Sane is a cluster of two nodes with one baseline and one meshed namespace, in
// which nothing goes wrong.
func Sane() Scenario {
	return Scenario{
		Namespaces: []corev1.Namespace{namespace("plain", "baseline"), namespace("with-mesh", "meshed")},
		Nodes:      []corev1.Node{node("node-1"), node("node-2")},
		Place:      Placing{Target: "node-1", Load: "node-2"},
	}
}

func namespace(name, role string) corev1.Namespace {
	return corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Annotations: map[string]string{"meshbench.dev/role": role},
	}}
}

func node(name string) corev1.Node {
	n := corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{corev1.LabelHostname: name, corev1.LabelOSStable: "linux"},
	}}
	n.Status.Allocatable = resources("8", "16Gi", "110")
	n.Status.Capacity = n.Status.Allocatable
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	n.Status.NodeInfo = corev1.NodeSystemInfo{
		OperatingSystem: "linux", Architecture: "amd64", KernelVersion: "6.1.0", KubeletVersion: "v1.34.0",
	}
	return n
}
