package runner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// merge adds up what the load pods of one trial measured. Histograms merge
// exactly; nothing is averaged.
func merge(harvests []harvest, into *v1alpha1.Trial) error {
	total := v1alpha1.LoadResult{}
	var service, response, lag, failed, censored distribution
	var through []*v1alpha1.Continuity
	for i, h := range harvests {
		r := h.result
		through = append(through, recovered(h, r.Load.Continuity))
		total.Requests += r.Load.Requests
		total.Unsent += r.Load.Unsent
		total.Sockets += r.Load.Sockets
		total.WindowSockets = addSockets(total.WindowSockets, r.Load.WindowSockets, i)
		for _, p := range r.Load.Peers {
			if !slices.Contains(total.Peers, p) {
				total.Peers = append(total.Peers, p)
			}
		}
		total.Errors = addErrors(total.Errors, r.Load.Errors)
		for _, part := range []struct {
			into *distribution
			from *v1alpha1.Histogram
		}{
			{&service, r.Load.ServiceTime}, {&response, r.Load.ResponseTime},
			{&lag, r.Load.SendLag}, {&failed, r.Load.ErrorTime}, {&censored, r.Load.Censored},
		} {
			if err := part.into.add(part.from); err != nil {
				return fmt.Errorf("result of load pod %s: %w", h.pod.Name, err)
			}
		}
		if h.probe != nil {
			into.Probes = append(into.Probes, probesOf(h)...)
		}
		self := r.Self
		self.Pod = h.pod.Name
		into.Clients = append(into.Clients, self)
	}
	for _, part := range []struct {
		from *distribution
		into **v1alpha1.Histogram
	}{
		{&service, &total.ServiceTime}, {&response, &total.ResponseTime}, {&lag, &total.SendLag},
		{&failed, &total.ErrorTime}, {&censored, &total.Censored},
	} {
		*part.into = part.from.api()
	}
	total.Continuity = disturb.Merge(through)
	window := harvests[0].result.Window
	into.Window, into.Load = &window, &total
	into.ProxyCounts = proxyCounts(harvests, total.Sockets)
	into.Received, into.Impostor = received(harvests), impostor(harvests)
	into.Series = mergeSeries(harvests)
	return nil
}

// recovered adds what a load pod's seconds tell to how answers came through.
func recovered(h harvest, c *v1alpha1.Continuity) *v1alpha1.Continuity {
	if c == nil || h.at == nil {
		return nil
	}
	out := *c
	out.CalmP99Seconds, out.RecoveredSeconds = disturb.Recovery(h.seconds, h.at.Duration)
	return &out
}

// distribution is a histogram that may never have got a value.
type distribution struct{ sum *stats.Histogram }

func (d *distribution) add(h *v1alpha1.Histogram) error {
	if h == nil {
		return nil
	}
	decoded, err := stats.FromAPI(h)
	if err != nil {
		return err
	}
	if d.sum == nil {
		d.sum = decoded
		return nil
	}
	return d.sum.Merge(decoded)
}

func (d *distribution) api() *v1alpha1.Histogram {
	if d.sum == nil {
		return nil
	}
	return d.sum.ToAPI()
}

// addSockets is the sum over pods, the next of which is number i; absent where
// one of them did not count.
func addSockets(sum, more *int64, i int) *int64 {
	if more == nil || i > 0 && sum == nil {
		return nil
	}
	total := *more
	if sum != nil {
		total += *sum
	}
	return &total
}

func addErrors(sum, more []v1alpha1.ErrorCount) []v1alpha1.ErrorCount {
	for _, m := range more {
		same := func(e v1alpha1.ErrorCount) bool { return e.Class == m.Class && e.Detail == m.Detail }
		if i := slices.IndexFunc(sum, same); i >= 0 {
			sum[i].Count += m.Count
			sum[i].Answer = cmp.Or(sum[i].Answer, m.Answer)
		} else {
			sum = append(sum, m)
		}
	}
	slices.SortFunc(sum, func(a, b v1alpha1.ErrorCount) int {
		return strings.Compare(string(a.Class)+"\x00"+a.Detail, string(b.Class)+"\x00"+b.Detail)
	})
	return sum
}

// mergeSeries adds up the seconds of all load pods. Percentiles of several pods
// cannot be added, so a second has them only where there is one pod.
func mergeSeries(harvests []harvest) []v1alpha1.Second {
	if len(harvests) == 1 {
		return harvests[0].seconds
	}
	var sum []v1alpha1.Second
	at := map[int]int{} // where in sum an offset is
	for _, h := range harvests {
		for _, s := range h.seconds {
			i, known := at[s.OffsetSeconds]
			if !known {
				i = len(sum)
				at[s.OffsetSeconds] = i
				sum = append(sum, v1alpha1.Second{OffsetSeconds: s.OffsetSeconds})
			}
			sum[i].Requests += s.Requests
			sum[i].Errors += s.Errors
		}
	}
	slices.SortFunc(sum, func(a, b v1alpha1.Second) int { return a.OffsetSeconds - b.OffsetSeconds })
	return sum
}
