package stats

// FisherTail is the probability that a variable of the F distribution with a and
// b > 0 degrees of freedom is at least f; 1 for f <= 0.
func FisherTail(f, a, b float64) float64 {
	if !(f > 0) {
		return 1
	}
	return regularizedBeta(b/(b+a*f), b/2, a/2)
}
