package v1alpha1

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	// maxExponentDigits and maxQuantityLength bound what is parsed as a quantity:
	// 1E999999999 is a number of a billion digits, which takes hours to read.
	maxExponentDigits = 3
	maxQuantityLength = 64
)

// Quantity is an amount of a resource, written as in Kubernetes: "250m", "128Mi".
// It reads what anybody may have written: a quantity of more than 64 characters,
// or with an exponent of more than 3 digits, is refused before it is parsed.
type Quantity struct{ resource.Quantity }

// MustQuantity is a quantity that the program itself names.
func MustQuantity(text string) Quantity { return Quantity{resource.MustParse(text)} }

// UnmarshalJSON reads a number, or a string that holds a quantity.
func (q *Quantity) UnmarshalJSON(data []byte) error {
	text := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	if len(text) > maxQuantityLength || exponentDigits(text) > maxExponentDigits {
		return fmt.Errorf("%.20q is no quantity that belongs here: it may have %d characters, and its exponent %d digits",
			text, maxQuantityLength, maxExponentDigits)
	}
	return q.Quantity.UnmarshalJSON(data)
}

// exponentDigits counts the digits behind the last e or E.
func exponentDigits(text string) int {
	at := strings.LastIndexAny(text, "eE")
	if at < 0 {
		return 0
	}
	digits := 0
	for _, c := range text[at:] {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits
}
