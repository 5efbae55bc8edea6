package wire

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

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
	w := NewWriter(&b)
	for _, f := range frames {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func decode(data []byte) ([]Frame, error) {
	r := NewReader(bytes.NewReader(data))
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
	if err := NewWriter(io.Discard).Write(f); err == nil {
		t.Error("wrote a frame larger than a reader accepts")
	}
}

func FuzzReader(f *testing.F) {
	f.Add(encode(f, frames()))
	f.Add([]byte("meshbench/1 00000000 {}\nmeshbench/"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decode(data)
		if err != nil {
			return
		}
		again, err := decode(encode(t, got))
		if err != nil || len(again) != len(got) {
			t.Errorf("read %d frames, but written again they give %d, %v", len(got), len(again), err)
		}
	})
}

func FuzzParseLoadSpec(f *testing.F) {
	f.Add([]byte(`{"version":1,"target":"a:1","protocol":"http1","rate":"max","clients":1,"connections":1,"window":"1s","requestTimeout":"1s"}`))
	f.Add([]byte(`{"version":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseLoadSpec(data)
		if err == nil && (s.Connections < 1 || s.Window.Duration <= 0) {
			t.Errorf("accepted %+v", s)
		}
	})
}
