package wire

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
)

const (
	magic = "meshbench/"
	// MaxFrameBytes bounds one frame's JSON, so that a hostile log cannot
	// make the reader hold more than this.
	MaxFrameBytes = 1 << 20
)

// VersionError says that a frame was written by a worker of another version.
type VersionError struct{ Got string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the worker speaks frame version %q, this plugin version %d: "+
		"use plugin and worker image of one release", e.Got, Version)
}

// DamagedError says that a frame arrived, but not whole, or that somebody else
// wrote it.
type DamagedError struct{ Reason string }

func (e *DamagedError) Error() string {
	return "damaged or foreign frame in the worker's log: " + e.Reason
}

// MissingError says that frames are gone from a log, the numbers of both ends
// among them. Nobody can write it so, and nothing brings them back.
type MissingError struct{ First, Last int64 }

func (e *MissingError) Error() string {
	return fmt.Sprintf("frames %d to %d of the worker's log are gone: the kubelet has rotated it "+
		"(containerLogMaxSize, 10Mi by default), or it was cut", e.First, e.Last)
}

// errPassed is a frame that was read before.
var errPassed = errors.New("this frame was read before")

// Writer writes frames. It is safe for concurrent use.
type Writer struct {
	mu   sync.Mutex
	out  io.Writer
	key  Key
	next int64
}

// NewWriter returns a Writer of frames to out, authenticated by a key.
func NewWriter(out io.Writer, key Key) *Writer { return &Writer{out: out, key: key} }

// Write writes one frame in a single call of the underlying Write.
func (w *Writer) Write(f Frame) error {
	payload, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode %s frame: %w", f.Type, err)
	}
	if len(payload) > MaxFrameBytes {
		return fmt.Errorf("encode %s frame: %d bytes, more than %d", f.Type, len(payload), MaxFrameBytes)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	line := fmt.Appendf(nil, "%s%d %d %x ", magic, Version, w.next, w.key.seal(w.next, payload))
	line = append(append(line, payload...), '\n')
	w.next++
	if _, err := w.out.Write(line); err != nil {
		return fmt.Errorf("write %s frame: %w", f.Type, err)
	}
	return nil
}

// Reader reads the frames of one worker from its log.
type Reader struct {
	in  *bufio.Reader
	key Key
	// next is the number of the next frame. midway is set if the log may not be
	// there from its beginning: then numbers only have to grow.
	next   int64
	midway bool
	// reopened is set once the log is read from its beginning again.
	reopened bool
}

// NewReader returns a Reader of the frames in a log that was written by a worker
// with this key, from its first line on.
func NewReader(in io.Reader, key Key) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, 64<<10), key: key}
}

// NewMidwayReader is NewReader for a log that begins anywhere.
func NewMidwayReader(in io.Reader, key Key) *Reader {
	r := NewReader(in, key)
	r.midway = true
	return r
}

// Reopen goes on with another stream of the same log, which may begin anywhere:
// frames that were read are passed over.
func (r *Reader) Reopen(in io.Reader) {
	r.in.Reset(in)
	r.reopened = true
}

// Next returns the next frame, passing over lines that are none. It returns
// io.EOF at the end, a *DamagedError or *VersionError for a frame that cannot
// be used, or the error of the underlying reader.
func (r *Reader) Next() (Frame, error) {
	for {
		line, err := r.line()
		if rest, isFrame := bytes.CutPrefix(line, []byte(magic)); isFrame {
			if err != nil { // a frame always ends with a newline
				if !errors.Is(err, io.EOF) {
					return Frame{}, err
				}
				return Frame{}, &DamagedError{Reason: "the log ends within a frame"}
			}
			f, err := r.parse(bytes.TrimSuffix(rest, []byte("\r")))
			if errors.Is(err, errPassed) {
				continue
			}
			return f, err
		}
		if err != nil {
			return Frame{}, err
		}
	}
}

// line returns the next line without its end. Of a line longer than a frame
// can be, it returns only the beginning.
func (r *Reader) line() ([]byte, error) {
	const limit = MaxFrameBytes + 64
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if room := limit - len(line); len(part) > room {
			part = part[:room]
		}
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimSuffix(line, []byte("\n")), err
	}
}

// parse reads a frame. Nothing of it is decoded before it is known to be the
// worker's own.
func (r *Reader) parse(line []byte) (Frame, error) {
	version, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok {
		return Frame{}, &DamagedError{Reason: "it has no number"}
	}
	if string(version) != strconv.Itoa(Version) {
		return Frame{}, &VersionError{Got: string(version[:min(len(version), 20)])}
	}
	number, rest, ok := bytes.Cut(rest, []byte(" "))
	seal, payload, sealed := bytes.Cut(rest, []byte(" "))
	if !ok || !sealed || len(seal) != hex.EncodedLen(sealBytes) {
		return Frame{}, &DamagedError{Reason: "it has no seal"}
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	// A number and a seal have one spelling: what is accepted is what was written.
	if err != nil || strconv.FormatInt(n, 10) != string(number) ||
		!hmac.Equal(seal, fmt.Appendf(nil, "%x", r.key.seal(n, payload))) {
		return Frame{}, &DamagedError{Reason: fmt.Sprintf("its seal does not fit its %d bytes", len(payload))}
	}
	switch {
	case n < r.next && r.reopened:
		return Frame{}, errPassed
	case n > r.next && !r.midway:
		return Frame{}, &MissingError{First: r.next, Last: n - 1}
	case n < r.next:
		return Frame{}, &DamagedError{Reason: fmt.Sprintf("it is number %d, and number %d was due", n, r.next)}
	}
	r.next = n + 1
	var f Frame
	if err := json.Unmarshal(payload, &f); err != nil {
		return Frame{}, &DamagedError{Reason: err.Error()}
	}
	return f, f.check()
}
