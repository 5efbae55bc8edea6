package worker

import (
	"io"
	"log"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"google.golang.org/grpc/grpclog"
)

const (
	// logPrefix begins every line that is written for people, so that none of them
	// can look like a frame.
	logPrefix = "meshbench-worker: "
	// maxLogLine and maxLogBytes bound a line and all of them, whatever peers make
	// a worker say.
	maxLogLine  = 500
	maxLogBytes = 256 << 10
)

// Log is the only way out for words: whatever a target, a proxy or a library
// says may be a stranger's text, and container logs hold it beside the frames.
// Each line gets a prefix, and keeps printable characters only.
type Log struct {
	mu   sync.Mutex
	out  io.Writer
	left int
}

// NewLog returns a Log to out.
func NewLog(out io.Writer) *Log { return &Log{out: out, left: maxLogBytes} }

// Write writes lines. It never fails: nobody's words are worth a trial.
func (l *Log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(string(text[:min(len(text), maxLogBytes)])) {
		if l.left <= 0 {
			break
		}
		line = logPrefix + plain(line) + "\n"
		if l.left -= len(line); l.left <= 0 {
			line = logPrefix + "the rest is left out\n"
		}
		_, _ = io.WriteString(l.out, line)
	}
	return len(text), nil
}

// plain is a line without anything that a terminal would act on.
func plain(line string) string {
	line = strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) && c != ' ' {
			return ' '
		}
		return c
	}, line)
	line = strings.TrimSpace(line)
	if len(line) > maxLogLine {
		line = strings.ToValidUTF8(line[:maxLogLine], "")
	}
	return line
}

// takeOver makes libraries write here too.
func (l *Log) takeOver() {
	log.SetFlags(0)
	log.SetOutput(l)
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, l))
}
