package wire

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestAChainEnds(t *testing.T) {
	if c := ChainOf(v1alpha1.Request{Hops: 1, FanOut: 4}); c.GoesOn() {
		t.Errorf("one hop goes on as %+v", c)
	}
	c := ChainOf(v1alpha1.Request{Hops: 4, FanOut: 3})
	calls := 0
	for ; c.GoesOn(); calls++ {
		read, err := ParseChain(c.Next().String())
		if err != nil || read.FanOut != 1 {
			t.Fatalf("the next one gets %+v, %v", read, err)
		}
		c = &read
	}
	if calls != 3 {
		t.Errorf("four hops are %d calls between them", calls)
	}
}

func FuzzParseChain(f *testing.F) {
	for _, seed := range []string{"1,1", "16,32", "17,1", "0,1", "1", "", "-1,-1", "9999999999999999999,1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseChain(text)
		if err != nil {
			return
		}
		if c.Hops < 1 || c.Hops > maxHops || c.FanOut < 1 || c.FanOut > maxFanOut {
			t.Errorf("%q is %+v", text, c)
		}
		if again, err := ParseChain(c.String()); err != nil || again != c {
			t.Errorf("%q is %+v, and written %+v, %v", text, c, again, err)
		}
	})
}
