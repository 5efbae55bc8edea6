package cli

import (
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
)

// estimateFlags say what would be run, as typed.
type estimateFlags struct {
	output              outputFlags
	rps, hops           float64
	pods, nodes         int
	corePrice, gibPrice string
}

func newEstimate(a *app) *cobra.Command {
	var f estimateFlags
	c := &cobra.Command{
		Use:   "estimate RUN|FILE",
		Short: "Say what a mesh costs as a price, and what a load would take",
		Long: `Say what a mesh costs as a price: cores for each 1,000 requests per second, cores
without load, and memory for each pod, of each proxy and of the kernel, from a
stored report, without a cluster. It needs an experiment with at least four rates
and four rounds, such as exp2; with at least four numbers of connections it says
what memory each connection takes.

With --rps and --pods it says what that load would take, by those prices. Calls
are taken to be shared evenly by the pods, each as caller and as called. Cores are a
line over the rate only if the measured points lie on one; if they do not, the
points are the price, and nothing beyond them is estimated. Beyond 1.2 times the
highest measured rate it says 'outside the measured range'.

The exit code is 4 if there is no price or no estimate of any arm.`,
		Example: `  kubectl meshbench exp2 --rate 50,100,200,400,800
  kubectl meshbench estimate 261124-153012-a1b2
  kubectl meshbench estimate run.json --rps 20000 --pods 400 --hops 3
  kubectl meshbench estimate run.json --rps 20000 --pods 400 --price-cpu 25 --price-memory 3 -o json`,
		Args: wants(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			ask, err := f.ask(c)
			if err != nil {
				return err
			}
			return a.estimate(args[0], f, ask)
		},
	}
	f.output.addFormats(c.Flags(), "", render.Prices().Names())
	c.Flags().Float64Var(&f.rps, "rps", 0, "Requests that arrive each second")
	c.Flags().IntVar(&f.pods, "pods", 0, "Pods in the mesh that share them")
	c.Flags().Float64Var(&f.hops, "hops", 1, "Calls between pods that each request makes")
	c.Flags().IntVar(&f.nodes, "nodes", 0, "Nodes that share them; only proxies of nodes need it")
	c.Flags().StringVar(&f.corePrice, "price-cpu", "", "Price of one core, in any money and for any time")
	c.Flags().StringVar(&f.gibPrice, "price-memory", "", "Price of one GiB, likewise")
	return c
}

// ask is what the flags ask; nil if they ask nothing.
func (f estimateFlags) ask(c *cobra.Command) (*price.Ask, error) {
	given := func(name string) bool { return c.Flags().Changed(name) }
	if !given("rps") && !given("pods") {
		for _, name := range []string{"hops", "nodes", "price-cpu", "price-memory"} {
			if given(name) {
				return nil, usagef("--%s goes with --rps and --pods", name)
			}
		}
		return nil, nil
	}
	switch {
	case !(f.rps > 0) || math.IsInf(f.rps, 0):
		return nil, usagef("--rps is %g, want a number of requests per second above 0", f.rps)
	case f.pods < 1:
		return nil, usagef("--pods is %d, want 1 or more", f.pods)
	case !(f.hops >= 1) || math.IsInf(f.hops, 0):
		return nil, usagef("--hops is %g, want 1 or more", f.hops)
	case f.nodes < 0 || given("nodes") && f.nodes == 0:
		return nil, usagef("--nodes is %d, want 1 or more", f.nodes)
	case given("price-cpu") != given("price-memory"):
		return nil, usagef("--price-cpu and --price-memory go together: money is for both")
	}
	ask := &price.Ask{PerSecond: f.rps, Hops: f.hops, Pods: f.pods, Nodes: f.nodes}
	if !given("price-cpu") {
		return ask, nil
	}
	for _, one := range []struct {
		flag, text string
		to         **float64
	}{{"price-cpu", f.corePrice, &ask.CorePrice}, {"price-memory", f.gibPrice, &ask.GiBPrice}} {
		v, err := strconv.ParseFloat(one.text, 64)
		if err != nil || !(v >= 0) || math.IsInf(v, 0) {
			return nil, usagef("--%s is %q, want a number", one.flag, one.text)
		}
		*one.to = &v
	}
	return ask, nil
}

func (a *app) estimate(name string, f estimateFlags, ask *price.Ask) error {
	out, err := openAnswer(&f.output, a.streams.Out, render.Prices())
	if err != nil {
		return err
	}
	defer out.discard()
	r, err := a.readReport(name)
	if err != nil {
		return err
	}
	sheet := price.SheetOf(r, ask)
	if len(sheet.Prices) == 0 && (ask != nil || len(sheet.Memory) == 0) {
		return &inconclusiveError{"the report has no experiment with four rates or more, which a price needs " +
			"(or, of memory alone, four numbers of connections): " +
			"'kubectl meshbench exp2 --rate 50,100,200,400,800' measures one"}
	}
	if err := out.write(a.streams.Out, sheet); err != nil {
		return err
	}
	return told(sheet)
}

// told is an error if no arm has what was asked for.
func told(s price.Sheet) error {
	for _, l := range s.Estimates {
		for _, arm := range l.Arms {
			if arm.Missing == "" {
				return nil
			}
		}
	}
	if s.Ask != nil {
		return &inconclusiveError{"no arm could be estimated: its parts say why"}
	}
	for _, l := range s.Prices {
		for _, arm := range l.Arms {
			for _, c := range arm.Parts {
				if c.Missing == "" {
					return nil
				}
			}
		}
	}
	for _, l := range s.Memory {
		for _, arm := range l.Arms {
			for _, c := range arm.Parts {
				if c.Missing == "" {
					return nil
				}
			}
		}
	}
	return &inconclusiveError{"no part of any arm has a price: each says why"}
}
