package data

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// ValueJSON writes any value as JSON.
func ValueJSON(out io.Writer, v any) error {
	return term.JSON(out, v)
}

// ValueYAML writes what ValueJSON writes, as YAML.
func ValueYAML(out io.Writer, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	w := yamlWriter{in: bytes.TrimSpace(text.Bytes())}
	w.node(0, atStart)
	_, err := out.Write(w.out)
	return err
}
