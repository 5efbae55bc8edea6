package metric

// What the instruments tell apart. Rounds may agree on less than that to the
// last digit, and it is still no difference between two arms or levels.
const (
	// ResolvedRatio is the relative error of the histograms.
	ResolvedRatio = 0.001
	// ResolvedSeconds is how far two readings of a latency can be off by reading
	// the clock: histograms are good to 0.1 % from a microsecond on.
	ResolvedSeconds = 1e-6
)
