package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// SetRetries makes the sidecars of a namespace send again what fails for one of
// these reasons, in Envoy's words, so many times. A VirtualService would do the same
// for one Service, whose name is not known before a run.
func (i *Istio) SetRetries(ctx context.Context, namespace, reasons string, attempts int) error {
	dir, err := os.MkdirTemp("", "meshbench-istio-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "retries.yaml")
	text := fmt.Sprintf(`apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: retries, namespace: %s}
spec:
  configPatches:
  - applyTo: HTTP_ROUTE
    match: {context: SIDECAR_OUTBOUND}
    patch:
      operation: MERGE
      value:
        route:
          retry_policy: {num_retries: %d, retry_on: %q, retriable_status_codes: [503]}
`, namespace, attempts, reasons)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return i.harness.kubectl(ctx, "apply", "--filename", file)
}
