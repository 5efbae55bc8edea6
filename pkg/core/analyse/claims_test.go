package analyse

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// What a mesh makes of failures is what a level with failures asks first; elsewhere
// errors are one column of the table.
func TestWhatIsAskedFirst(t *testing.T) {
	open := v1alpha1.Level{Rate: 500}
	failing := open
	failing.ErrorRatio = 0.1
	for _, c := range []struct {
		level  v1alpha1.Level
		metric v1alpha1.Metric
		want   question
	}{
		{v1alpha1.Level{}, v1alpha1.MetricThroughput, questionFirst},
		{open, v1alpha1.MetricP50, questionFirst},
		{open, v1alpha1.MetricThroughput, questionDetail},
		{open, v1alpha1.MetricErrors, questionTable},
		{failing, v1alpha1.MetricP50, questionFirst},
		{failing, v1alpha1.MetricErrors, questionFirst},
		{failing, v1alpha1.MetricAmplification, questionFirst},
		{failing, v1alpha1.MetricP99, questionTable},
	} {
		if got := questionOf(c.metric, c.level, false); got != c.want {
			t.Errorf("%s at %+v is question %d, want %d", c.metric, c.level.Request, got, c.want)
		}
	}
}
