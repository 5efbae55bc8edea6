package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func testKey() Key { return Key{1, 2, 3} }

func frames() []Frame {
	p50 := 0.001
	return []Frame{
		{Type: TypeHello, Hello: &Hello{Version: "v1", Trial: "t", Now: time.Unix(1, 0).UTC()}},
		{Type: TypeSecond, Second: &v1alpha1.Second{OffsetSeconds: 3, Requests: 7, P50Seconds: &p50}},
		{Type: TypeError, Error: &Failure{Stage: "ready", Message: "line\nbreak"}},
		{Type: TypeEnd},
	}
}

func encode(t testing.TB, frames []Frame) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, testKey())
	for _, f := range frames {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func decode(data []byte) ([]Frame, error) {
	r := NewReader(bytes.NewReader(data), testKey())
	var got []Frame
	for {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, f)
	}
}

func TestFramesSurviveTheLog(t *testing.T) {
	got, err := decode(encode(t, frames()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, frames()) {
		t.Errorf("got %+v, want %+v", got, frames())
	}
}

func TestOtherLinesArePassedOver(t *testing.T) {
	noise := "some wrapper's greeting\n\n" + strings.Repeat("x", 2*MaxFrameBytes) + "\n"
	got, err := decode(append([]byte(noise), encode(t, frames())...))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(frames()) {
		t.Errorf("got %d frames, want %d", len(got), len(frames()))
	}
}

func TestDamageIsFoundAtEveryByte(t *testing.T) {
	whole := encode(t, frames()[:1])
	for i := len(magic); i < len(whole); i++ {
		broken := bytes.Clone(whole)
		broken[i] ^= 0x04
		if got, err := decode(broken); err == nil {
			t.Errorf("byte %d changed: read %+v without an error", i, got)
		}
	}
	for n := len(magic); n < len(whole); n++ {
		var damaged *DamagedError
		if _, err := decode(whole[:n]); !errors.As(err, &damaged) {
			t.Errorf("cut after %d bytes: error %v, want a DamagedError", n, err)
		}
	}
}

func TestOtherVersionIsNamed(t *testing.T) {
	_, err := decode([]byte("meshbench/99 00000000 {}\n"))
	var version *VersionError
	if !errors.As(err, &version) || version.Got != "99" {
		t.Errorf("error %v, want a VersionError for 99", err)
	}
}

func TestTooLargeFrameIsRefusedByTheWriter(t *testing.T) {
	f := Frame{Type: TypeError, Error: &Failure{Message: strings.Repeat("x", MaxFrameBytes)}}
	if err := NewWriter(io.Discard, testKey()).Write(f); err == nil {
		t.Error("wrote a frame larger than a reader accepts")
	}
}

// Whoever does not know the key writes no frame, whatever he saw of others.
func TestForeignFramesAreRefused(t *testing.T) {
	line := func(key Key, frames ...Frame) []byte {
		var b bytes.Buffer
		w := NewWriter(&b, key)
		for _, f := range frames {
			if err := w.Write(f); err != nil {
				t.Fatal(err)
			}
		}
		return b.Bytes()
	}
	own := line(testKey(), frames()...)
	lines := bytes.SplitAfter(own, []byte("\n"))
	for name, log := range map[string][]byte{
		"without a key":            line(Key{}, frames()...),
		"of another trial":         line(testKey().For("another"), frames()...),
		"of an older version":      []byte("meshbench/1 00000000 {}\n"),
		"said again":               bytes.Join([][]byte{lines[0], lines[0]}, nil),
		"one left out":             bytes.Join([][]byte{lines[0], lines[2]}, nil),
		"in another order":         bytes.Join([][]byte{lines[1], lines[0]}, nil),
		"with another's number":    bytes.Replace(own, []byte(" 0 "), []byte(" 00 "), 1),
		"a seal that is no seal":   []byte("meshbench/4 0 zz {}\n"),
		"a number that is too big": []byte("meshbench/4 99999999999999999999 " + strings.Repeat("0", 32) + " {}\n"),
	} {
		if got, err := decode(log); err == nil {
			t.Errorf("%s: read %d frames without an error", name, len(got))
		}
	}
	// In a log that is read from anywhere, what is left out is no harm.
	r := NewMidwayReader(bytes.NewReader(bytes.Join([][]byte{lines[1], lines[3], lines[3]}, nil)), testKey())
	for i := range 2 {
		if _, err := r.Next(); err != nil {
			t.Errorf("frame %d of a log from anywhere: %v", i, err)
		}
	}
	if f, err := r.Next(); err == nil {
		t.Errorf("took a frame twice: %+v", f)
	}
}

// A log of frames that are not sealed costs no more than one line of it.
func TestHostileLogCostsBoundedMemory(t *testing.T) {
	payload := `{"type":"usage","usage":{"containers":[` + strings.Repeat(`{},`, 100_000) + `{}]}}`
	line := []byte("meshbench/4 0 " + strings.Repeat("0", 32) + " " + payload + "\n")
	const lines = 20
	var log []io.Reader
	for range lines {
		log = append(log, bytes.NewReader(line))
	}
	r := NewReader(io.MultiReader(log...), testKey())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range lines {
		var damaged *DamagedError
		if _, err := r.Next(); !errors.As(err, &damaged) {
			t.Fatalf("error %v", err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / lines; each > uint64(6*len(line)) {
		t.Errorf("%d bytes for each hostile line of %d bytes", each, len(line))
	}
}

func FuzzReader(f *testing.F) {
	f.Add(encode(f, frames()))
	f.Add([]byte("meshbench/4 0 00000000000000000000000000000000 {}\nmeshbench/"))
	f.Fuzz(func(t *testing.T, data []byte) {
		taken, _ := decode(data)
		written := encode(t, frames())
		for line := range bytes.Lines(written) {
			if len(taken) == 0 {
				break
			}
			if !bytes.Contains(data, bytes.TrimRight(line, "\n")) {
				t.Errorf("took a line that nobody sealed: %q", data)
			}
			taken = taken[1:]
		}
		if len(taken) > 0 {
			t.Errorf("took more lines than were sealed: %q", data)
		}
		// And as a worker would have sealed it.
		line := fmt.Appendf(nil, "%s%d 0 %x ", magic, Version, testKey().seal(0, data))
		if bytes.ContainsAny(data, "\r\n") || len(data) > MaxFrameBytes {
			return
		}
		got, err := decode(append(append(line, data...), '\n'))
		if err != nil {
			return
		}
		again, err := decode(encode(t, got))
		if err != nil || len(again) != len(got) {
			t.Errorf("read %d frames, but written again they give %d, %v", len(got), len(again), err)
		}
		c := NewCourse(LoadSpec{Connections: 1, Clients: 1})
		for _, f := range got {
			_ = c.Check(f)
		}
	})
}

func FuzzParseLoadSpec(f *testing.F) {
	f.Add([]byte(`{"version":4,"target":"a:1","protocol":"http1","rate":"max","clients":1,"connections":1,` +
		`"window":"1s","requestTimeout":"1s"}`))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseLoadSpec(data)
		if err == nil && (s.Connections < 1 || s.Window.Duration <= 0) {
			t.Errorf("accepted %+v", s)
		}
	})
}
