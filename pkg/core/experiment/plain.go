package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// plain says a decoder's error in the words of someone who writes documents,
// not of someone who writes Go.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("is a %s, want %s", kind.Value, kindName(kind.Type))
	}
	text := err.Error()
	if _, field, ok := strings.Cut(text, "unknown field "); ok {
		return fmt.Errorf("no such field (%s)", strings.Trim(field, `"`))
	}
	for _, prefix := range []string{"error unmarshaling JSON: ", "while decoding JSON: ", "json: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return errors.New(text)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String:
		return "a string"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return t.String()
	}
}
