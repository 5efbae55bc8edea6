package cli

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

// didYouMean is the candidate that a mistyped word is nearest to, as the end of
// a sentence, or nothing where none is near.
func didYouMean(word string, candidates []string) string {
	// A third of the word may be wrong: beyond that it is another one.
	best, least := "", max(1, (len(word)+1)/3)+1
	for _, c := range candidates {
		if d := words.Distance(word, c); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}
