package v1alpha1

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Values are the settings of one factor. JSON and YAML may give a single value
// or a list; a single value is written back without brackets.
type Values[T any] []T

// UnmarshalJSON accepts a value or a list of values.
func (v *Values[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		var list []T
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		*v = list
		return nil
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*v = Values[T]{one}
	return nil
}

// MarshalJSON writes one value plainly and several as a list.
func (v Values[T]) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]T(v))
}

// Rate is a number of requests per second, or RateMax.
type Rate float64

// RateMax means a closed loop: every connection sends its next request as soon
// as the last one is answered.
const RateMax Rate = 0

const rateMaxWord = "max"

// ParseRate reads "max" or a positive, finite number of requests per second.
func ParseRate(s string) (Rate, error) {
	if s == rateMaxWord {
		return RateMax, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f <= 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, fmt.Errorf("rate %q is neither %q nor a positive number of requests per second", s, rateMaxWord)
	}
	return Rate(f), nil
}

// ClosedLoop reports whether the rate is left to the system under test.
func (r Rate) ClosedLoop() bool { return r == RateMax }

// String is "max" or the number of requests per second.
func (r Rate) String() string {
	if r.ClosedLoop() {
		return rateMaxWord
	}
	return strconv.FormatFloat(float64(r), 'f', -1, 64)
}

// UnmarshalJSON accepts "max", a number, or a number in quotes.
func (r *Rate) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		s = string(data)
	}
	parsed, err := ParseRate(s)
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// MarshalJSON writes "max" or a number.
func (r Rate) MarshalJSON() ([]byte, error) {
	if r.ClosedLoop() {
		return json.Marshal(rateMaxWord)
	}
	return json.Marshal(float64(r))
}
