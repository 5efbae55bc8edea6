package stats

import "math"

// exactSignFlip is the largest number of differences all of whose signs are tried.
const exactSignFlip = 20

// SignFlip is the two-sided p value of the test that differences are symmetric around
// 0: the share of all 2^n ways to choose their signs whose sum is at least as far from
// 0 as theirs (Fisher 1935, Pitman 1937). It is exact for up to 20 differences other
// than 0, with ties and however they are distributed, and can then not be below
// 2^(1-n). Above, it is Student's, which by then is good to the third digit. Zero
// differences say nothing and change nothing; without others p is 1.
func SignFlip(differences []float64) float64 {
	var kept []float64
	var sum, scale float64
	for _, d := range differences {
		if d != 0 && !math.IsNaN(d) {
			kept = append(kept, d)
			sum += d
			scale += math.Abs(d)
		}
	}
	n := len(kept)
	switch {
	case n == 0:
		return 1
	case n > exactSignFlip:
		return TTest(differences, 0)
	}
	// What differs by rounding alone is as far out.
	least := math.Abs(sum) - 1e-9*scale
	extreme := 0
	for signs := range 1 << n {
		var s float64
		for i, d := range kept {
			if signs>>i&1 == 0 {
				s += d
			} else {
				s -= d
			}
		}
		if math.Abs(s) >= least {
			extreme++
		}
	}
	return float64(extreme) / float64(int(1)<<n)
}
