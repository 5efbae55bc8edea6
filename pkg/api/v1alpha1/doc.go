// Package v1alpha1 holds the two documents meshbench is made of: the
// Experiment, which says what to run, and the Report, which says what
// happened. Everything else in this project turns one into the other.
//
// Quantities carry their unit in the type (Duration) or in the name of the
// field (...Seconds, ...Bytes, ...Ratio). A measured value that is absent is a
// nil pointer, never zero.
package v1alpha1

const (
	// Group is the API group, and the prefix of every label and annotation
	// meshbench writes or reads.
	Group = "meshbench.dev"
	// APIVersion is the value of apiVersion in both documents.
	APIVersion = Group + "/v1alpha1"

	// KindExperiment is the kind of an Experiment document.
	KindExperiment = "Experiment"
	// KindReport is the kind of a Report document.
	KindReport = "Report"
)

// Annotations that operators put on namespaces.
const (
	// AnnotationRole gives consent and a role: "baseline" or "meshed".
	AnnotationRole = Group + "/role"
	// AnnotationMesh names the mesh where detection would be ambiguous.
	AnnotationMesh = Group + "/mesh"
	// AnnotationArm is the arm's name in reports; the namespace's name if absent.
	AnnotationArm = Group + "/arm"
)

// Labels and annotations that meshbench puts on the objects it creates.
const (
	// LabelRunID holds the id of the run that created the object. It is the
	// only selector clean-up uses.
	LabelRunID = Group + "/run-id"
	// LabelArm holds the name of the arm an object belongs to.
	LabelArm = Group + "/arm"
	// LabelToken holds a value that is random for each run. Services select by it,
	// so that nobody's pod is behind one by accident, or by guessing.
	LabelToken = Group + "/token"
	// LabelTrial holds the id of the trial a load pod belongs to.
	LabelTrial = Group + "/trial"
	// AnnotationExpiresAt is an RFC 3339 instant after which no run can still
	// need the object.
	AnnotationExpiresAt = Group + "/expires-at"
)
