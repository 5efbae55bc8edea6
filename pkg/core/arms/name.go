package arms

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// badArmName says why a name cannot be an arm's: arms are label values.
func badArmName(name string) string {
	return strings.Join(validation.IsValidLabelValue(name), "; ")
}
