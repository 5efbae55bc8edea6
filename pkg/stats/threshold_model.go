package stats

import "math"

// thresholdModel computes how likely trials are for a threshold.
type thresholdModel struct {
	trials []ThresholdTrial
	grid   []slopeAndNoise
}

// slopeAndNoise are one guess of how fast margins grow over the logarithm of the
// place, and of their standard deviation.
type slopeAndNoise struct{ slope, noise float64 }

// farMargin is the largest margin that is told from larger ones: a factor of 1.5.
const farMargin = 0.405

// mostNoise is the most that a threshold may move from trial to trial, as a standard
// deviation of its natural logarithm.
const mostNoise = 1

// withMargins are the guesses where margins are known: slopes from 1/4 (sixteen times
// the place for twice what is measured is hardly a threshold) to 2,000 (a step: a
// thousandth more doubles it and then some), noise from 1 % to far more than margins
// are told apart: of a step that moves from trial to trial. All have the same weight,
// which is a prior that is flat on both logarithmic scales, but that thresholds do not
// move by more than a factor of e, as without margins.
func withMargins() []slopeAndNoise {
	const slopes, noises = 16, 13
	var grid []slopeAndNoise
	for i := range slopes {
		for j := range noises {
			g := slopeAndNoise{logSpaced(0.25, 2000, i, slopes), logSpaced(0.01, 16, j, noises)}
			if g.noise <= mostNoise*g.slope {
				grid = append(grid, g)
			}
		}
	}
	return grid
}

// votesOnly are the guesses where only yes and no are known: the noise over the
// slope, from half a percent of the rate to a factor of e.
func votesOnly() []slopeAndNoise {
	const noises = 16
	var grid []slopeAndNoise
	for j := range noises {
		grid = append(grid, slopeAndNoise{1, logSpaced(0.005, mostNoise, j, noises)})
	}
	return grid
}

func logSpaced(from, to float64, i, of int) float64 {
	return from * math.Pow(to/from, float64(i)/float64(of-1))
}

// over is the distribution over equally spaced logarithms, each the middle of its
// interval.
func (m thresholdModel) over(from, to float64) Threshold {
	t := Threshold{logs: make([]float64, thresholdPoints), weights: make([]float64, thresholdPoints)}
	step := (to - from) / thresholdPoints
	best := math.Inf(-1)
	likelihoods := make([]float64, 0, thresholdPoints*len(m.grid))
	distances := make([]float64, len(m.trials))
	for i := range t.logs {
		t.logs[i] = from + (float64(i)+0.5)*step
		for k, v := range m.trials {
			distances[k] = math.Log(v.At) - t.logs[i]
		}
		for _, g := range m.grid {
			l := m.logLikelihood(distances, g)
			best = max(best, l)
			likelihoods = append(likelihoods, l)
		}
	}
	sum := 0.0
	for i := range t.weights {
		for _, l := range likelihoods[i*len(m.grid) : (i+1)*len(m.grid)] {
			t.weights[i] += math.Exp(l - best)
		}
		sum += t.weights[i]
	}
	for i := range t.weights {
		t.weights[i] /= sum
	}
	return t
}

// logLikelihood is that of all trials, each so far above a threshold. It takes the
// logarithm of a product as long as that does not vanish, which is several times
// faster than the sum of logarithms.
func (m thresholdModel) logLikelihood(distances []float64, g slopeAndNoise) float64 {
	sum, product := 0.0, 1.0
	for k, v := range m.trials {
		product *= v.likelihood(g.slope*distances[k], g.noise)
		if product < 1e-200 || product > 1e200 {
			sum += math.Log(product)
			product = 1
		}
	}
	return sum + math.Log(product)
}

// likelihood is that of one trial where a margin is expected.
func (v ThresholdTrial) likelihood(expected, noise float64) float64 {
	const outcomes = 3 // of a trial by chance: far below, near, far above
	switch {
	case v.Margin == nil && v.Yes:
		return chanceTrials/2 + (1-chanceTrials)*normalBelow(-expected/noise)
	case v.Margin == nil:
		return chanceTrials/2 + (1-chanceTrials)*normalBelow(expected/noise)
	case *v.Margin >= farMargin:
		return chanceTrials/outcomes + (1-chanceTrials)*normalBelow((expected-farMargin)/noise)
	case *v.Margin <= -farMargin:
		return chanceTrials/outcomes + (1-chanceTrials)*normalBelow((-farMargin-expected)/noise)
	}
	z := (*v.Margin - expected) / noise
	density := math.Exp(-z*z/2) / (noise * math.Sqrt(2*math.Pi))
	return chanceTrials/outcomes/(2*farMargin) + (1-chanceTrials)*density
}

// normalBelow is the standard normal distribution function.
func normalBelow(z float64) float64 {
	switch { // nothing near chanceTrials is left
	case z > 6:
		return 1
	case z < -6:
		return 0
	}
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}
