package procstat

import (
	"bytes"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// parseHostStat reads /proc/stat: the sum over all processors, by mode, and
// their number. It is the whole node's, also in a container.
func parseHostStat(data []byte) (*wire.NodeCounters, bool) {
	c := &wire.NodeCounters{}
	found := false
	for line := range bytes.Lines(data) {
		rest, ok := bytes.CutPrefix(line, []byte("cpu"))
		if !ok {
			break // processors come first
		}
		if len(rest) > 0 && rest[0] != ' ' {
			c.CPUs++
			continue
		}
		var nice int64
		for _, to := range []*int64{&c.UserMs, &nice, &c.SystemMs, &c.IdleMs, &c.IOWaitMs, &c.IRQMs, &c.SoftIRQMs,
			&c.StealMs} {
			word, more := nextField(&rest)
			n, ok := parseCount(word)
			if !more || !ok {
				return nil, false
			}
			*to = ticks(n).Milliseconds()
		}
		c.UserMs += nice
		found = true
	}
	return c, found && c.CPUs > 0
}

// parsePressure reads the total of the line "some" of /proc/pressure/cpu.
func parsePressure(data []byte) (time.Duration, bool) {
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(line, []byte("some ")) {
			continue
		}
		_, total, ok := bytes.Cut(line, []byte("total="))
		if !ok {
			return 0, false
		}
		word, _ := nextField(&total)
		n, ok := parseCount(word)
		const most = 1 << 50
		return time.Duration(n) * time.Microsecond, ok && n < most
	}
	return 0, false
}

// bootID names the running kernel, so that two nodes of one machine are seen
// to be one. It is empty where it is hidden.
func bootID(text string) string {
	const enough = 8
	id := strings.TrimSpace(text)
	return id[:min(len(id), enough)]
}
