// Package journal keeps what a run has measured on disk, trial by trial, so
// that nothing is lost when the plugin dies, and a run can go on.
package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

const (
	headerFile = "run.json"
	trialsFile = "trials.jsonl"
	reportFile = "report.json"
	lockFile   = "lock"
	// version of the files; another one is refused.
	version = 1
	// No run comes near these: they keep a damaged file from filling the memory.
	maxHeaderBytes = 16 << 20
	maxTrialsBytes = 256 << 20
)

// Store is a directory of journals, one per run.
type Store struct{ Dir string }

// DefaultDir is where journals are kept by the XDG base directory
// specification: $XDG_STATE_HOME, or ~/.local/state.
func DefaultDir(getenv func(string) string) (string, error) {
	state := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the specification says to ignore others
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state directory: %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "kubectl-meshbench", "runs"), nil
}

// Header is all that is needed to plan the run again.
type Header struct {
	Version int        `json:"version"`
	Context string     `json:"context"`
	Plan    plan.Input `json:"plan"`
	Planned int        `json:"planned"`
	Begun   time.Time  `json:"begun"`
}

// Entry is a run in the store.
type Entry struct {
	Header
	// Trials have ended, void ones included.
	Trials []v1alpha1.Trial
	// Ended is how many there are, where they were counted and not read.
	Ended int
	// Idle is the window without load, if it was measured.
	Idle *v1alpha1.IdleWindow
	// IdleWindows are those before later rounds.
	IdleWindows []v1alpha1.IdleWindow
	// Replaced are the targets that were taken away, by arm.
	Replaced map[string][]v1alpha1.Replacement
	// Report is the path of the run's report, empty if it has none.
	Report string
}

// Journal is being written.
type Journal struct {
	dir    string
	trials *os.File
	lock   *os.File
}

// ErrLine says that one line could not be written, because of what it holds. The
// next ones can.
var ErrLine = errors.New("it cannot be encoded")

// ErrInUse says that another plugin writes to the journal.
var ErrInUse = errors.New("it still goes on in another process")

// Create begins the journal of a new run.
func (s Store) Create(h Header) (*Journal, error) {
	h.Version = version
	dir, err := s.path(h.Plan.RunID)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep a journal: %w", err)
	}
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("keep a journal: %w", err)
	}
	if err := replace(filepath.Join(dir, headerFile), data); err != nil {
		return nil, fmt.Errorf("keep a journal: %w", err)
	}
	return s.Append(h.Plan.RunID)
}

// Append goes on with the journal of a run, unless another process does.
func (s Store) Append(id string) (*Journal, error) {
	dir, err := s.path(id)
	if err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal of run %s: %w", id, err)
	}
	if !tryLock(lock) {
		_ = lock.Close()
		return nil, fmt.Errorf("run %s: %w", id, ErrInUse)
	}
	trials, err := os.OpenFile(filepath.Join(dir, trialsFile), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("journal of run %s: %w", id, err)
	}
	j := &Journal{dir: dir, trials: trials, lock: lock}
	return j, j.endLine()
}

// endLine makes sure that what a crash cut short does not spoil the next line.
func (j *Journal) endLine() error {
	size, err := j.trials.Seek(0, 2)
	if err != nil || size == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := j.trials.ReadAt(last, size-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = j.trials.Write([]byte("\n"))
	return err
}

// Trial adds one trial; it is on disk when Trial returns.
func (j *Journal) Trial(t v1alpha1.Trial) error {
	return j.line(t)
}

// line writes one line; it is on disk when line returns.
func (j *Journal) line(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write journal: %w: %w", ErrLine, err)
	}
	if _, err := j.trials.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := j.trials.Sync(); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Finish keeps the run's report, whole or not at all.
func (j *Journal) Finish(r v1alpha1.Report) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep report: %w", err)
	}
	if err := replace(filepath.Join(j.dir, reportFile), data); err != nil {
		return fmt.Errorf("keep report: %w", err)
	}
	return nil
}

// replace makes a file whole or not at all, also through a loss of power.
func replace(path string, data []byte) error {
	if err := writeThrough(path+".tmp", data); err != nil {
		_ = os.Remove(path + ".tmp") // a part of it is of no use
		return err
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	_ = dir.Sync() // not every file system can
	return dir.Close()
}

// writeThrough writes a file whose data is on the disk when it returns: what is
// renamed afterwards must not be empty after a loss of power.
func writeThrough(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return cmp.Or(err, file.Sync(), file.Close())
}

// Close lets others go on with the journal.
func (j *Journal) Close() error { return errors.Join(j.trials.Close(), j.lock.Close()) }

// Read returns a run. A last line that a crash cut short is left out.
func (s Store) Read(id string) (Entry, error) {
	e, err := s.head(id)
	if err != nil {
		return Entry{}, err
	}
	if err := readTrials(filepath.Join(s.Dir, id, trialsFile), &e); err != nil {
		return Entry{}, fmt.Errorf("journal of run %s: %w", id, err)
	}
	return e, nil
}

// head is a run without its trials.
func (s Store) head(id string) (Entry, error) {
	dir, err := s.path(id)
	if err != nil {
		return Entry{}, err
	}
	data, err := readFile(filepath.Join(dir, headerFile), maxHeaderBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return Entry{}, fmt.Errorf("there is no run %s in %s: `kubectl meshbench runs` lists them", id, s.Dir)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read journal: %w", err)
	}
	e, err := parseHeader(id, data)
	if err != nil {
		return Entry{}, err
	}
	if path := filepath.Join(dir, reportFile); exists(path) {
		e.Report = path
	}
	return e, nil
}

func parseHeader(id string, data []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(data, &e.Header); err != nil {
		return Entry{}, fmt.Errorf("journal of run %s: %s: %w", id, headerFile, err)
	}
	if e.Version != version || e.Plan.RunID != id {
		return Entry{},
			fmt.Errorf("journal of run %s: version %d of run %.80q, want version %d: use the plugin that wrote it", id,
				e.Version, e.Plan.RunID, version)
	}
	return e, nil
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes, which no journal is", path, limit)
	}
	return data, err
}

func readTrials(path string, e *Entry) error {
	data, err := readFile(path, maxTrialsBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var t v1alpha1.Trial
		if json.Unmarshal(lines.Bytes(), &t) == nil && t.ID != "" {
			e.Trials = append(e.Trials, t)
			continue
		}
		var l late
		if json.Unmarshal(lines.Bytes(), &l) == nil {
			e.takeIn(l)
		}
	}
	return lines.Err()
}

// List is what a store holds.
type List struct {
	// Runs can be read, the latest first.
	Runs []Entry
	// Unreadable says of each other run why it is not among them.
	Unreadable []error
}

// Heads lists all runs without trials, which take long to read. It ends with ctx.
func (s Store) Heads(ctx context.Context) (List, error) { return s.list(ctx, s.head) }

func (s Store) list(ctx context.Context, read func(id string) (Entry, error)) (List, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return List{}, nil
	}
	if err != nil {
		return List{}, fmt.Errorf("list runs: %w", err)
	}
	var all List
	for _, d := range entries {
		if ctx.Err() != nil {
			return List{}, context.Cause(ctx)
		}
		_, err := os.Stat(filepath.Join(s.Dir, d.Name(), headerFile))
		if d.Type().IsRegular() || errors.Is(err, fs.ErrNotExist) {
			continue // none yet, or somebody else's
		}
		e, err := read(d.Name())
		if err != nil {
			all.Unreadable = append(all.Unreadable, err)
			continue
		}
		all.Runs = append(all.Runs, e)
	}
	slices.SortFunc(all.Runs, func(a, b Entry) int { return b.Begun.Compare(a.Begun) })
	return all, nil
}

// Delete removes a run, unless a process writes to it.
func (s Store) Delete(id string) error {
	if _, err := s.Read(id); err != nil {
		return err
	}
	j, err := s.Append(id)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if err := os.RemoveAll(j.dir); err != nil {
		return fmt.Errorf("delete run %s: %w", id, err)
	}
	return nil
}

// path refuses ids that would lead out of the store.
func (s Store) path(id string) (string, error) {
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(id) {
		return "", fmt.Errorf("%.80q is no run's id", id)
	}
	return filepath.Join(s.Dir, id), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
