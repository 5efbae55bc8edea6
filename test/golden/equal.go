package golden

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// long is a number written with more digits than its arithmetic carries.
var long = regexp.MustCompile(`-?\d+\.\d{9,}(?:e[+-]?\d+)?`)

// lastDigits is the relative difference that two processors may have in one
// result: math.Exp and, on arm64, every a*b+c are fused where the processor
// can do it, and a sum of hundreds of them differs in its last digits.
const lastDigits = 1e-9

// difference says where two texts differ, by line, and nothing if only the
// last digits of long numbers do.
func difference(got, want []byte) string {
	gotLines, wantLines := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(gotLines), len(wantLines)) {
		switch {
		case i >= len(gotLines):
			return fmt.Sprintf("line %d is missing: %s", i+1, wantLines[i])
		case i >= len(wantLines):
			return fmt.Sprintf("line %d is new: %s", i+1, gotLines[i])
		case !sameLine(gotLines[i], wantLines[i]):
			return fmt.Sprintf("line %d is\n%s\nand was\n%s", i+1, gotLines[i], wantLines[i])
		}
	}
	return ""
}

func sameLine(got, want []byte) bool {
	if bytes.Equal(got, want) {
		return true
	}
	numbers, before := long.FindAll(got, -1), long.FindAll(want, -1)
	if len(numbers) != len(before) ||
		!bytes.Equal(long.ReplaceAll(got, []byte("#")), long.ReplaceAll(want, []byte("#"))) {
		return false
	}
	for i := range numbers {
		a, errA := strconv.ParseFloat(string(numbers[i]), 64)
		b, errB := strconv.ParseFloat(string(before[i]), 64)
		if errA != nil || errB != nil || math.Abs(a-b) > lastDigits*max(math.Abs(a), math.Abs(b)) {
			return false
		}
	}
	return true
}
