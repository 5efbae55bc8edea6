package view

import (
	"fmt"
	"math"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// PriceTable is what one experiment says of prices, one line for each part of an arm.
type PriceTable struct {
	Title, Setting string
	Lines          []Fact
}

// PriceLegend says what the intervals of prices know.
const PriceLegend = "In parentheses: 95 % intervals over the rounds of this run. They know nothing of other days, " +
	"payloads and configurations."

// PriceTables are the prices of a report, by experiment; none where rates, or
// connections, are too few for a line.
func PriceTables(r v1alpha1.Report) []PriceTable {
	sheet := price.SheetOf(r, nil)
	var out []PriceTable
	for _, l := range sheet.Prices {
		t := PriceTable{Title: term.Clean(l.Experiment) + ", over the rate", Setting: PriceSetting(l.Setting)}
		for _, arm := range l.Arms {
			t.add(arm.Name, "", arm.Missing, nil)
			for _, c := range arm.Parts {
				t.add(arm.Name, c.Part, c.Missing, func() string { return priceLine(c) })
			}
		}
		out = append(out, t)
	}
	for _, l := range sheet.Memory {
		t := PriceTable{Title: term.Clean(l.Experiment) + ", memory over connections", Setting: MemorySetting(l.Setting)}
		for _, arm := range l.Arms {
			t.add(arm.Name, "", arm.Missing, nil)
			for _, c := range arm.Parts {
				t.add(arm.Name, c.Part, c.Missing, func() string { return memoryLine(c) })
			}
		}
		out = append(out, t)
	}
	return out
}

// add is the line of a part, or of why there is none; an arm without a line of its
// own is named only for that.
func (t *PriceTable) add(arm string, p price.Part, missing string, line func() string) {
	switch {
	case missing != "":
		t.Lines = append(t.Lines, Fact{partOf(arm, p), "no price: " + term.Clean(missing)})
	case line != nil:
		t.Lines = append(t.Lines, Fact{partOf(arm, p), line()})
	}
}

func partOf(arm string, p price.Part) string {
	if p == "" {
		return term.Clean(arm)
	}
	return term.Clean(arm) + ", " + PartName(p)
}

// PartName is a part as people write it.
func PartName(p price.Part) string { return strings.ReplaceAll(string(p), "-", " ") }

// priceLine is a price in one line, with the points of what is no line.
func priceLine(c price.Cost) string {
	text := ""
	if c.PerThousandCores != nil {
		text = StraightPrice(c)
	} else {
		var points []string
		for _, p := range c.Points {
			points = append(points, fmt.Sprintf("%s at %s/s", WithRange(p.Cores, "cores", quantity.Significant),
				quantity.Rate(p.RatePerSecond)))
		}
		text = BentPrice(c) + ": " + strings.Join(points, ", ")
	}
	if c.Caution != "" {
		text += "; " + term.Clean(c.Caution) + ": its price may be that of the limit"
	}
	return text
}

func memoryLine(c price.MemoryCost) string {
	if c.PerConnectionBytes != nil {
		return StraightMemory(c)
	}
	var points []string
	for _, p := range c.Points {
		points = append(points, fmt.Sprintf("%s at %s", WithRange(p.Bytes, "MiB", Mebibytes), WholeNumber(p.Connections)))
	}
	return BentMemory(c) + ": " + strings.Join(points, ", ")
}

// PriceSetting says what all rates of a list have in common.
func PriceSetting(l v1alpha1.Level) string {
	parts := []string{string(l.Protocol), words.Count(l.Connections, "connection", "connections"), string(l.Placement)}
	return strings.Join(append(parts, phrases(l)...), ", ")
}

// MemorySetting says what all numbers of connections of a list have in common.
func MemorySetting(l v1alpha1.Level) string {
	rate := "as fast as it goes"
	if !l.Rate.ClosedLoop() {
		rate = quantity.Rate(float64(l.Rate)) + " requests/s"
	}
	return strings.Join(append([]string{string(l.Protocol), rate, string(l.Placement)}, phrases(l)...), ", ")
}

// phrases say what does not go without saying.
func phrases(l v1alpha1.Level) []string {
	var out []string
	for _, f := range factor.All() {
		if phrase := f.Phrase(l); phrase != "" {
			out = append(out, phrase)
		}
	}
	return out
}

// StraightPrice is a price that goes with the rate, with its range beside it.
func StraightPrice(c price.Cost) string {
	text := WithRange(*c.PerThousandCores, "cores", quantity.Significant) + " for each 1,000 requests/s" + memoryOf(c)
	if c.IdleCores != nil && c.Part != price.Kernel {
		text += ", " + WithRange(*c.IdleCores, "cores", quantity.Significant) + " without load"
		if !c.IdleMeasured {
			text += " (by the line; not measured)"
		}
	}
	return text + fmt.Sprintf("; measured from %s to %s/s, %s", quantity.Rate(c.LowestPerSecond),
		quantity.Rate(c.HighestPerSecond), c.Whose)
}

// BentPrice says why there is no formula; the points follow it.
func BentPrice(c price.Cost) string {
	return fmt.Sprintf("no single price: a line is off by up to %s (%s)", quantity.Percent(c.BendRatio),
		PText(c.LinearityPValue)) + memoryOf(c) + "; " + c.Whose + ", as measured"
}

func memoryOf(c price.Cost) string {
	if c.MemoryBytes == nil {
		return ""
	}
	of := " for each pod"
	if c.Part == price.NodeProxy {
		of = " for all of them"
	}
	return ", " + WithRange(*c.MemoryBytes, "MiB", Mebibytes) + of
}

// StraightMemory is memory that goes with connections.
func StraightMemory(c price.MemoryCost) string {
	return fmt.Sprintf("%s + %s for each connection; measured from %s to %s connections, %s",
		WithRange(*c.BaseBytes, "MiB", Mebibytes), WithRange(*c.PerConnectionBytes, "KiB", kibibytes),
		WholeNumber(c.Points[0].Connections), WholeNumber(c.Points[len(c.Points)-1].Connections), c.Whose)
}

// BentMemory says why there is no formula; the points follow it.
func BentMemory(c price.MemoryCost) string {
	return fmt.Sprintf("no single price: a line is off by up to %s (%s); %s, as measured", quantity.Percent(c.BendRatio),
		PText(c.LinearityPValue), c.Whose)
}

// WholeNumber writes a count.
func WholeNumber(v float64) string { return words.Thousands(int64(math.Round(v))) }

func kibibytes(v float64) string { return quantity.Significant(v / (1 << 10)) }

// Mebibytes writes bytes as such.
func Mebibytes(v float64) string { return quantity.Significant(v / (1 << 20)) }

// WithRange is "0.35 cores (0.33..0.37)".
func WithRange(e v1alpha1.Estimate, unit string, write func(float64) string) string {
	return quantity.Within(write(e.Value)+" "+unit, "(", quantity.Interval(e, write), ")")
}
