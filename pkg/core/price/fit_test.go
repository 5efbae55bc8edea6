package price

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

func roundsOf(rates []float64, values [][]float64) (numbers []int, rounds [][]sample) {
	for i, round := range values {
		numbers, rounds = append(numbers, i+1), append(rounds, nil)
		for k, v := range round {
			rounds[i] = append(rounds[i], sample{rates[k], v})
		}
	}
	return numbers, rounds
}

// The reference is NumPy and SciPy: testdata/reference.py.
func TestAFitAgainstSciPy(t *testing.T) {
	c := fit(roundsOf([]float64{0, 100, 200, 400, 800}, [][]float64{
		{0.0041, 0.0392, 0.0751, 0.1450, 0.2870},
		{0.0040, 0.0401, 0.0742, 0.1471, 0.2832},
		{0.0043, 0.0385, 0.0760, 0.1439, 0.2891},
		{0.0042, 0.0396, 0.0747, 0.1462, 0.2855},
		{0.0040, 0.0390, 0.0755, 0.1448, 0.2880}}))
	if !c.linear() {
		t.Fatalf("it bends by %g, p %g", c.bend, c.p)
	}
	a, b := c.intercept(), c.slope()
	for name, got := range map[string][2]float64{
		"idle": {a.Value, 0.00411087291537}, "idle low": {*a.Low, 0.00398242525965}, "idle high": {*a.High, 0.00423932057109},
		"slope": {b.Value, 0.000353289245601}, "slope low": {*b.Low, 0.000352388920868},
		"slope high": {*b.High, 0.000354189570334}, "p": {c.p, 0.768387385498},
	} {
		if math.Abs(got[0]/got[1]-1) > 1e-9 {
			t.Errorf("%s is %.12g, NumPy says %.12g", name, got[0], got[1])
		}
	}
}

// What others have published bends: a user who scales the first figure to the
// last one's rate buys twice as much as it takes.
func TestPublishedFiguresAreNoLine(t *testing.T) {
	for name, c := range map[string]struct{ rates, cores []float64 }{
		"istio.io #15335": {[]float64{1000, 2000, 3000, 4000, 5000}, []float64{.18, .30, .40, .43, .45}},
		"thesis, Istio":   {[]float64{100, 500, 1000, 4300}, []float64{.063, .193, .358, 1.18}},
		"thesis, Linkerd": {[]float64{100, 500, 1000, 9760}, []float64{.036, .110, .198, .829}},
	} {
		random := simulate.Source(name)
		var values [][]float64
		for range 6 {
			var round []float64
			for _, v := range c.cores {
				round = append(round, v*(1+0.02*random.NormFloat64()))
			}
			values = append(values, round)
		}
		if got := fit(roundsOf(c.rates, values)); got.linear() {
			t.Errorf("%s is called a line: it bends by %g, p %g", name, got.bend, got.p)
		}
	}
}

func TestTooLittleIsNoLine(t *testing.T) {
	if c := fit(roundsOf([]float64{1, 2, 3}, [][]float64{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}})); c.linear() {
		t.Error("three rates are a line")
	}
	if c := fit(roundsOf([]float64{1, 2, 3, 4}, [][]float64{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}})); c.linear() {
		t.Error("three rounds are a line")
	}
	exact := fit(roundsOf([]float64{1, 2, 3, 4}, [][]float64{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}}))
	if !exact.linear() || math.Abs(exact.slope().Value-1) > 1e-12 {
		t.Errorf("an exact line is %+v", exact)
	}
}

// Six rounds of five rates, 3 % noise, 5 % drift of rounds.
func noisy(random *rand.Rand, bend float64) curve {
	rates := []float64{0, 100, 200, 400, 800}
	var values [][]float64
	for range 6 {
		drift := math.Exp(0.05 * random.NormFloat64())
		var round []float64
		for _, x := range rates {
			y := 0.004 + 0.00035*x*math.Pow(max(x, 1)/800, bend)
			round = append(round, y*drift*math.Exp(0.03*random.NormFloat64())+0.0002*random.NormFloat64())
		}
		values = append(values, round)
	}
	return fit(roundsOf(rates, values))
}

func TestHowOftenFitsAreWrong(t *testing.T) {
	const n = 3000
	inside := simulate.Share(t, "the interval at 1.2 times the highest rate holds the truth", n,
		func(random *rand.Rand) bool {
			c := noisy(random, 0)
			for !c.linear() {
				c = noisy(random, 0)
			}
			e := c.at(960).estimate()
			// The mean of the noise is not quite none.
			truth := (0.004 + 0.00035*960) * math.Exp((0.05*0.05+0.03*0.03)/2)
			return *e.Low <= truth && truth <= *e.High
		})
	simulate.AtLeast(t, "coverage", inside, 0.94, n)
	refused := simulate.Share(t, "a line is called bent", n, func(random *rand.Rand) bool {
		return !noisy(random, 0).linear()
	})
	simulate.AtMost(t, "refused lines", refused, 0.05, n)
	found := simulate.Share(t, "a bend as the published ones (exponent 0.78) is found", n,
		func(random *rand.Rand) bool { return !noisy(random, -0.22).linear() })
	simulate.AtLeast(t, "found bends", found, 0.95, n)
}
