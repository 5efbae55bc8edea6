package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"sync"
)

const (
	magic        = "meshbench/"
	checksumSize = 8
	// MaxFrameBytes bounds one frame's JSON, so that a hostile log cannot
	// make the reader hold more than this.
	MaxFrameBytes = 1 << 20
)

// VersionError says that a frame was written by a worker of another version.
type VersionError struct{ Got string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the worker speaks frame version %q, this plugin version %d: use plugin and worker image of one release", e.Got, Version)
}

// DamagedError says that a frame arrived, but not whole.
type DamagedError struct{ Reason string }

func (e *DamagedError) Error() string { return "damaged frame in the worker's log: " + e.Reason }

// Writer writes frames. It is safe for concurrent use.
type Writer struct {
	mu  sync.Mutex
	out io.Writer
}

// NewWriter returns a Writer of frames to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Write writes one frame in a single call of the underlying Write.
func (w *Writer) Write(f Frame) error {
	payload, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode %s frame: %w", f.Type, err)
	}
	if len(payload) > MaxFrameBytes {
		return fmt.Errorf("encode %s frame: %d bytes, more than %d", f.Type, len(payload), MaxFrameBytes)
	}
	line := fmt.Appendf(nil, "%s%d %08x ", magic, Version, checksum(payload))
	line = append(append(line, payload...), '\n')
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.out.Write(line); err != nil {
		return fmt.Errorf("write %s frame: %w", f.Type, err)
	}
	return nil
}

// Reader reads frames from a log.
type Reader struct {
	in *bufio.Reader
}

// NewReader returns a Reader of the frames in in.
func NewReader(in io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, 64<<10)}
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
			return parseFrame(bytes.TrimSuffix(rest, []byte("\r")))
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

func parseFrame(line []byte) (Frame, error) {
	version, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok {
		return Frame{}, &DamagedError{Reason: "no checksum"}
	}
	if string(version) != strconv.Itoa(Version) {
		return Frame{}, &VersionError{Got: string(version)}
	}
	sum, payload, ok := bytes.Cut(rest, []byte(" "))
	if !ok || len(sum) != checksumSize {
		return Frame{}, &DamagedError{Reason: "no checksum"}
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil {
		return Frame{}, &DamagedError{Reason: "the checksum is no number"}
	}
	if checksum(payload) != uint32(want) {
		return Frame{}, &DamagedError{Reason: fmt.Sprintf("the checksum does not fit its %d bytes", len(payload))}
	}
	var f Frame
	if err := json.Unmarshal(payload, &f); err != nil {
		return Frame{}, &DamagedError{Reason: err.Error()}
	}
	return f, nil
}

func checksum(payload []byte) uint32 {
	return crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli))
}
