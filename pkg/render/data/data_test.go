package data_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestGoldens(t *testing.T) {
	golden.Formats(t, map[string]golden.Write{
		"json": data.JSON, "yaml": data.YAML, "csv": data.CSV, "junit": data.JUnit, "prometheus": data.Prometheus,
		"benchstat": data.Benchstat, "fortio": data.Fortio,
	}, "json", "yaml", "fortio")
}

func TestComparisonGoldens(t *testing.T) {
	golden.ComparisonFormats(t, map[string]golden.WriteComparison{
		"json": data.ComparisonJSON, "junit": data.ComparisonJUnit, "prometheus": data.ComparisonPrometheus,
	})
}
