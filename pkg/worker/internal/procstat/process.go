package procstat

import (
	"bytes"
	"strconv"
	"time"
)

// tick is the unit of CPU time in /proc: USER_HZ is 100 on every architecture
// that containers run on.
const tick = 10 * time.Millisecond

// processStat is what /proc/PID/stat says of a process.
type processStat struct {
	parent int
	// start is in ticks since the machine's boot: together with the pid it
	// names a process, as pids are used again.
	start uint64
	// user and system hold all threads, ended ones included.
	user, system time.Duration
	// childUser and childSystem are those of children that were waited for.
	childUser, childSystem time.Duration
}

// parseProcessStat reads /proc/PID/stat. The second field is the program's
// name in brackets and may hold anything, brackets and spaces included.
func parseProcessStat(data []byte) (processStat, bool) {
	end := bytes.LastIndexByte(data, ')')
	if end < 0 {
		return processStat{}, false
	}
	var s processStat
	rest := data[end+1:]
	const first = 3 // the number of the field after the name
	for field := first; ; field++ {
		word, more := nextField(&rest)
		if !more {
			return processStat{}, false
		}
		var to *time.Duration
		switch field {
		case 4:
			n, ok := parseCount(word)
			if !ok {
				return processStat{}, false
			}
			s.parent = int(n)
		case 14:
			to = &s.user
		case 15:
			to = &s.system
		case 16:
			to = &s.childUser
		case 17:
			to = &s.childSystem
		case 22:
			n, ok := parseCount(word)
			s.start = uint64(n)
			return s, ok
		}
		if to == nil {
			continue
		}
		n, ok := parseCount(word)
		if !ok {
			return processStat{}, false
		}
		*to = ticks(n)
	}
}

// parseSchedstat reads the first field of /proc/PID/task/TID/schedstat: the time
// on a processor, in nanoseconds.
func parseSchedstat(data []byte) (time.Duration, bool) {
	word, _ := nextField(&data)
	n, ok := parseCount(word)
	return time.Duration(n), ok
}

// parseStatm reads the second field of /proc/PID/statm: resident pages.
func parseStatm(data []byte) (pages int64, ok bool) {
	nextField(&data)
	word, _ := nextField(&data)
	const most = 1 << 40
	n, ok := parseCount(word)
	return n, ok && n < most
}

// containers as they are told apart by parseCgroup.
const (
	ownContainer     = ""
	unknownContainer = "?"
)

const (
	idLength = 64
	// shortID is enough of a container's id to tell those of one pod apart.
	shortID = 12
)

// parseCgroup reads the container's id from /proc/PID/cgroup, cut to its first
// 12 digits. It knows the paths of containerd, CRI-O and Docker, with either
// cgroup driver, by what they have in common: a name that holds 64 hexadecimal
// digits. The last one counts, because nodes may be containers themselves. In
// version 2 paths are relative to the reader's own group, so that "/" and below
// is the worker's own container. The answer is unknownContainer if no line
// tells.
func parseCgroup(data []byte) string {
	for _, line := range bytes.Split(data, []byte("\n")) {
		_, rest, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		controllers, path, ok := bytes.Cut(rest, []byte(":"))
		if !ok {
			continue
		}
		if id := lastID(path); id != "" {
			return id
		}
		above := bytes.HasPrefix(path, []byte("/.."))
		if len(controllers) == 0 && bytes.HasPrefix(line, []byte("0:")) && bytes.HasPrefix(path, []byte("/")) && !above &&
			onlyVersion2(data) {
			return ownContainer
		}
	}
	return unknownContainer
}

// onlyVersion2 reports whether no hierarchy of version 1 is in use: beside
// those, the one of version 2 may be an empty root.
func onlyVersion2(data []byte) bool {
	return bytes.Count(bytes.TrimSpace(data), []byte("\n")) == 0
}

// lastID finds the last run of exactly 64 hexadecimal digits.
func lastID(path []byte) string {
	for end := len(path); end > 0; {
		start := end
		for start > 0 && isHex(path[start-1]) {
			start--
		}
		if end-start == idLength {
			return string(path[start : start+shortID])
		}
		end = min(start, end-1)
	}
	return ""
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

// nextField cuts the next word off data, at spaces and line ends.
func nextField(data *[]byte) (word []byte, ok bool) {
	rest := bytes.TrimLeft(*data, " \t\n")
	end := bytes.IndexAny(rest, " \t\n")
	if end < 0 {
		end = len(rest)
	}
	*data = rest[end:]
	return rest[:end], end > 0
}

// parseCount reads a number that is not negative, without allocating.
func parseCount(word []byte) (int64, bool) {
	const digits = 19
	if len(word) == 0 || len(word) > digits {
		return 0, false
	}
	n, err := strconv.ParseInt(string(word), 10, 64)
	return n, err == nil && n >= 0
}

// ticks is a number of ticks as time; what cannot be one is cut off.
func ticks(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(tick)
	return time.Duration(min(n, most)) * tick
}
