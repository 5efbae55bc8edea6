package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

// inconclusiveFlag says what becomes of exit code 4.
type inconclusiveFlag struct{ value string }

const (
	inconclusiveFail = "fail"
	inconclusivePass = "pass"
)

func (f *inconclusiveFlag) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.value, "inconclusive", inconclusiveFail,
		"What to do with what cannot be decided: fail (exit code 4) or pass (exit code 0)")
}

func (f *inconclusiveFlag) check() error {
	if f.value != inconclusiveFail && f.value != inconclusivePass {
		return usagef("--inconclusive is %q, want %s or %s", f.value, inconclusiveFail, inconclusivePass)
	}
	return nil
}

// allow lets an inconclusive outcome pass if the user wants that, and says so.
func (f *inconclusiveFlag) allow(log io.Writer, err error) error {
	var undecided *inconclusiveError
	if f.value == inconclusivePass && errors.As(err, &undecided) {
		_, _ = fmt.Fprintf(log, "inconclusive, which --inconclusive=pass lets pass: %v\n", err)
		return nil
	}
	return err
}
