package stats

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func FuzzFromAPI(f *testing.F) {
	h := NewHistogram()
	for i := range 100 {
		h.Record(time.Duration(i*i) * time.Microsecond)
	}
	whole := h.ToAPI()
	f.Add(whole.Data, whole.Count)
	f.Add(whole.Data[:len(whole.Data)/2], whole.Count)
	f.Add("", int64(0))
	f.Fuzz(func(t *testing.T, data string, count int64) {
		decoded, err := FromAPI(&v1alpha1.Histogram{Data: data, Count: count})
		if err == nil && decoded.Count() != count {
			t.Errorf("says %d samples, holds %d", count, decoded.Count())
		}
	})
}
