package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxHeaderBytes bounds an answer's headers.
const maxHeaderBytes = 64 << 10

var (
	errHeaders = fmt.Errorf("headers larger than %d KiB", maxHeaderBytes>>10)
	errNoHTTP  = errors.New("the answer is no HTTP/1")
	errChunk   = errors.New("a chunk of the answer has no size")
)

// answerReader reads one answer of HTTP/1 at a time: its status, the size of
// its body, and whether it is the last on its connection (RFC 9112, section 6.3
// and 9.3). Of the body it keeps no more than the buffer holds.
type answerReader struct {
	buffer []byte
	// have is how much of the buffer is filled, at how much of it is read.
	have, at int

	status int
	size   int64
	// last is set if no other answer can follow on this connection.
	last bool
	// head are the headers, and start the beginning of the body.
	head, start []byte
}

func (r *answerReader) reset() { r.have, r.at, r.status, r.size, r.last = 0, 0, 0, 0, false }

// free is the part of the buffer that may be filled.
func (r *answerReader) free() []byte { return r.buffer[r.have:] }

// fill reads more, and returns io.EOF at the end of the connection.
func (r *answerReader) fill(from io.Reader) error {
	if r.at == r.have { // all was read
		r.at, r.have = 0, 0
	}
	n, err := from.Read(r.free())
	r.have += n
	if n > 0 {
		return nil
	}
	return err
}

func (r *answerReader) read(from io.Reader) error {
	for {
		end, err := r.headers(from)
		if err != nil {
			return err
		}
		framing, err := r.parse(r.buffer[r.at:end])
		if err != nil {
			return err
		}
		if r.status >= 100 && r.status < 200 && r.status != 101 { // the answer proper is still to come
			r.at = end
			continue
		}
		r.start = r.start[:0]
		r.head = append(r.head[:0], r.buffer[r.at:end]...)
		r.at = end
		if err := r.body(from, framing); err != nil {
			return err
		}
		if r.at < r.have { // what follows belongs to nothing that was asked
			r.last = true
		}
		return nil
	}
}

// headers reads up to the end of the headers, and returns where that is.
func (r *answerReader) headers(from io.Reader) (end int, err error) {
	scanned := r.at
	for {
		if i := bytes.Index(r.buffer[scanned:r.have], []byte("\r\n\r\n")); i >= 0 {
			return scanned + i + 4, nil
		}
		scanned = max(r.at, r.have-3)
		if r.have == len(r.buffer) {
			if len(r.buffer) >= maxHeaderBytes {
				return 0, errHeaders
			}
			larger := make([]byte, min(2*len(r.buffer), maxHeaderBytes))
			r.have = copy(larger, r.buffer[r.at:r.have])
			scanned -= r.at
			r.at, r.buffer = 0, larger
		}
		n, err := from.Read(r.free())
		r.have += n
		if n == 0 && err != nil {
			return 0, err
		}
	}
}

// untilClose is the framing of a body that ends with its connection, and
// chunked of one that comes in chunks; else it is the body's size.
const (
	untilClose int64 = -1
	chunked    int64 = -2
)

// parse reads a status line and headers.
func (r *answerReader) parse(head []byte) (framing int64, err error) {
	const line = "HTTP/1.1 200"
	if len(head) < len(line) || string(head[:7]) != "HTTP/1." {
		return 0, errNoHTTP
	}
	r.status = 0
	for _, c := range head[9:12] {
		if c < '0' || c > '9' {
			return 0, errNoHTTP
		}
		r.status = 10*r.status + int(c-'0')
	}
	r.last = head[7] == '0' // HTTP/1.0 ends it unless it says otherwise
	framing = untilClose
	rest := head[bytes.IndexByte(head, '\n')+1:]
	for len(rest) > 2 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		name, value, ok := bytes.Cut(rest[:end], []byte(":"))
		rest = rest[end+1:]
		if !ok {
			continue
		}
		switch {
		case is(name, "content-length"):
			n, ok := decimal(bytes.TrimSpace(value))
			if !ok {
				return 0, errNoHTTP
			}
			if framing != chunked {
				framing = n
			}
		case is(name, "transfer-encoding"):
			if bytes.HasSuffix(bytes.ToLower(bytes.TrimSpace(value)), []byte("chunked")) {
				framing = chunked
			}
		case is(name, "connection"):
			value = bytes.ToLower(value)
			if bytes.Contains(value, []byte("close")) {
				r.last = true
			} else if bytes.Contains(value, []byte("keep-alive")) {
				r.last = false
			}
		}
	}
	if r.status == 204 || r.status == 304 {
		framing = 0
	}
	return framing, nil
}

// is compares a header's name, which may be in any case.
func is(name []byte, lower string) bool {
	return len(name) == len(lower) && strings.EqualFold(string(name), lower)
}

func decimal(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

func (r *answerReader) body(from io.Reader, framing int64) error {
	switch framing {
	case untilClose:
		r.last = true
		for {
			r.take(int64(r.have - r.at))
			if err := r.fill(from); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	case chunked:
		return r.chunks(from)
	default:
		return r.skip(from, framing)
	}
}

// skip reads n bytes of the body.
func (r *answerReader) skip(from io.Reader, n int64) error {
	for {
		got := min(n, int64(r.have-r.at))
		r.take(got)
		if n -= got; n == 0 {
			return nil
		}
		if err := r.fill(from); err != nil {
			return err
		}
	}
}

// take counts n bytes of the body that are in the buffer.
func (r *answerReader) take(n int64) {
	if room := maxWords - len(r.start); room > 0 {
		r.start = append(r.start, r.buffer[r.at:r.at+int(min(n, int64(room)))]...)
	}
	r.size += n
	r.at += int(n)
}

// chunks reads a body in chunks with its trailers.
func (r *answerReader) chunks(from io.Reader) error {
	for {
		line, err := r.line(from)
		if err != nil {
			return err
		}
		n, ok := hexadecimal(line)
		if !ok {
			return errChunk
		}
		if n == 0 {
			break
		}
		if err := r.skip(from, n); err != nil {
			return err
		}
		if _, err := r.line(from); err != nil {
			return err
		}
	}
	for total := 0; ; {
		trailer, err := r.line(from)
		if err != nil || len(trailer) == 0 {
			return err
		}
		if total += len(trailer); total > maxHeaderBytes {
			return errHeaders
		}
	}
}

// line is the next line of chunked framing, without its end.
func (r *answerReader) line(from io.Reader) ([]byte, error) {
	for {
		if i := bytes.IndexByte(r.buffer[r.at:r.have], '\n'); i >= 0 {
			line := bytes.TrimSuffix(r.buffer[r.at:r.at+i], []byte("\r"))
			r.at += i + 1
			return line, nil
		}
		if r.at > 0 {
			r.have = copy(r.buffer, r.buffer[r.at:r.have])
			r.at = 0
		}
		if r.have == len(r.buffer) {
			return nil, errChunk
		}
		n, err := from.Read(r.free())
		r.have += n
		if n == 0 && err != nil {
			return nil, err
		}
	}
}

// hexadecimal reads a chunk's size, which may have extensions behind it.
func hexadecimal(line []byte) (n int64, ok bool) {
	line, _, _ = bytes.Cut(line, []byte(";"))
	line = bytes.TrimSpace(line)
	if len(line) == 0 || len(line) > 15 {
		return 0, false
	}
	for _, c := range line {
		n <<= 4
		switch {
		case c >= '0' && c <= '9':
			n += int64(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n += int64(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return n, true
}
