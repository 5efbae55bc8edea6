package mesh

import (
	"encoding/json"
	"errors"
	"fmt"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// MaxDocumentBytes bounds the size of a mesh document.
const MaxDocumentBytes = 1 << 20

// Parse reads one document strictly: an unknown or repeated field, or a value
// of the wrong kind, is an error that names the field. The mesh it returns is
// without the facts that nobody has verified.
func Parse(data []byte) (Mesh, error) {
	if len(data) > MaxDocumentBytes {
		return Mesh{}, fmt.Errorf("larger than %d bytes: not a mesh document", MaxDocumentBytes)
	}
	asJSON, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return Mesh{}, fmt.Errorf("not a YAML or JSON object: %w", err)
	}
	whole, err := decode(asJSON)
	if err != nil {
		return Mesh{}, err
	}
	if whole.Kind != Kind {
		return Mesh{}, fmt.Errorf("kind is %q, want %q", whole.Kind, Kind)
	}
	if whole.APIVersion != v1alpha1.APIVersion {
		return Mesh{}, fmt.Errorf("apiVersion is %q, want %q", whole.APIVersion, v1alpha1.APIVersion)
	}
	var tree struct {
		Spec map[string]any `json:"spec"`
	}
	if err := json.Unmarshal(asJSON, &tree); err != nil {
		return Mesh{}, err
	}
	unverified, err := withoutUnverified(tree.Spec, whole.Spec.Sources)
	if err != nil {
		return Mesh{}, err
	}
	if len(unverified) > 0 {
		spec, err := json.Marshal(tree.Spec)
		if err != nil {
			return Mesh{}, err
		}
		whole.Spec = Mesh{}
		if err := json.Unmarshal(spec, &whole.Spec); err != nil {
			return Mesh{}, err
		}
	}
	m := whole.Spec
	m.ID, m.Unverified = whole.Metadata.Name, unverified
	if m.Lifecycle.State == "" {
		m.Lifecycle.State = StateUnknown
	}
	return m, m.validate()
}

func decode(data []byte) (Document, error) {
	var d Document
	strict, err := kjson.UnmarshalStrict(data, &d)
	if err != nil {
		return d, err
	}
	return d, errors.Join(strict...)
}
