package report_test

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

const brief = `
apiVersion: meshbench.dev/v1alpha1
kind: Report
metadata: {name: 260102-030405-abcd}
arms:
- {name: plain, namespace: plain, role: baseline}
- {name: sidecar, namespace: shop, role: meshed}
comparisons:
- {experiment: exp1, level: default, arm: sidecar, metric: p99, pairs: 6, evidence: higher,
   ratio: {value: 1.48, low: 1.41, high: 1.55}}
`

// A report is read as JSON or YAML, and asked by address.
func ExampleIndex_Comparison() {
	r, err := report.Read(strings.NewReader(brief), "run.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	at := v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "sidecar"}
	p99, ok := report.IndexOf(r).Comparison(at, v1alpha1.MetricP99)
	fmt.Println(ok, p99.Conclusion, p99.Ratio.Value, *p99.Ratio.Low, *p99.Ratio.High)
	// Output: true higher 1.48 1.41 1.55
}
