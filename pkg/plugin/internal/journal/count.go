package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Counted is Heads with the number of trials. Those may have hundreds of
// megabytes: no more than a part of a line is ever held.
func (s Store) Counted(ctx context.Context) (List, error) {
	return s.list(ctx, func(id string) (Entry, error) {
		e, err := s.head(id)
		if err == nil {
			e.Ended, err = countTrials(filepath.Join(s.Dir, id, trialsFile))
		}
		return e, err
	})
}

// countTrials counts the whole lines that hold a trial: its id comes first.
func countTrials(path string) (n int, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("count trials: %w", err)
	}
	defer func() { _ = file.Close() }()
	in := bufio.NewReaderSize(io.LimitReader(file, maxTrialsBytes), 64<<10)
	begins, trial := true, false
	for {
		part, err := in.ReadSlice('\n')
		if begins {
			trial = bytes.HasPrefix(part, []byte(`{"id":"`))
		}
		if begins = bytes.HasSuffix(part, []byte("\n")); begins && trial && bytes.HasSuffix(part, []byte("}\n")) {
			n++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return n, nil // what a crash cut short is no trial
		}
	}
}
