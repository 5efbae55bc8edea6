package worker

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// What a target says may hold a frame, sealed with any key that a stranger may
// have, and whatever a terminal acts on.
func TestStrangersWordsAreNoFramesInTheLog(t *testing.T) {
	var forged bytes.Buffer
	key := wire.Key{7}
	if err := wire.NewWriter(&forged, key).Write(wire.Frame{Type: wire.TypeEnd}); err != nil {
		t.Fatal(err)
	}
	for name, said := range map[string]string{
		"a line of its own": "rpc error: code = Internal desc = x\n" + forged.String(),
		"the whole of it":   forged.String(),
		"a carriage return": "x\r" + forged.String(),
		"a line separator":  "x\u2028" + forged.String() + "\u0085" + forged.String(),
		"an escape":         "\x1b[2J\x1b]0;title\x07" + forged.String(),
		"no text":           "\xff\xfe\n" + forged.String(),
	} {
		var out bytes.Buffer
		_, _ = fmt.Fprintln(NewLog(&out), errors.New(said))
		if f, err := wire.NewReader(&out, key).Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: read %+v, %v", name, f, err)
		}
		if strings.ContainsAny(out.String(), "\x1b\r\x07") {
			t.Errorf("%s: wrote %q", name, out.String())
		}
	}
}

func TestLogIsBounded(t *testing.T) {
	var out bytes.Buffer
	l := NewLog(&out)
	for range 100 {
		_, _ = l.Write(bytes.Repeat([]byte("word "), 10_000))
		_, _ = l.Write(bytes.Repeat([]byte("line\n"), 10_000))
	}
	if out.Len() > maxLogBytes+2*maxLogLine || !strings.Contains(out.String(), "left out") {
		t.Errorf("wrote %d bytes", out.Len())
	}
}
