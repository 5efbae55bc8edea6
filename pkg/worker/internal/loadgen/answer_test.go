package loadgen

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// answers are what servers and proxies are seen to send, and what they mean.
func answers() map[string]struct {
	text   string
	status int
	size   int64
	last   bool
	err    error
} {
	type answer = struct {
		text   string
		status int
		size   int64
		last   bool
		err    error
	}
	long := strings.Repeat("x", 3*leastBuffer)
	return map[string]answer{
		"plain":       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, 5, false, nil},
		"lower case":  {"HTTP/1.1 200\r\ncontent-length:5\r\n\r\nhello", 200, 5, false, nil},
		"longer":      {"HTTP/1.1 200 OK\r\nContent-Length: 12288\r\n\r\n" + long, 200, 12288, false, nil},
		"closing":     {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, 2, true, nil},
		"Closing":     {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nCONNECTION: Close\r\n\r\n", 200, 0, true, nil},
		"HTTP/1.0":    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 2, true, nil},
		"HTTP/1.0 ka": {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, 2, false, nil},
		"until close": {"HTTP/1.0 200 OK\r\n\r\n" + long, 200, 12288, true, nil},
		"chunked": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\n\r\n", 200,
			8, false, nil},
		"no chunks": {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 200, 0, false, nil},
		"trailers": {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n", 200, 1, false,
			nil},
		"large chunk": {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3000\r\n" + long + "\r\n0\r\n\r\n", 200, 12288,
			false, nil},
		"continue":   {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno", 503, 2, false, nil},
		"no content": {"HTTP/1.1 204 No Content\r\n\r\n", 204, 0, false, nil},
		"and more":   {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok?", 200, 2, true, nil},
		"no HTTP":    {"SSH-2.0-OpenSSH\r\nwhat is it\r\n\r\n", 0, 0, false, errNoHTTP},
		"cut":        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", 200, 4, false, io.EOF},
		"no chunk":   {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 200, 0, false, errChunk},
		"vast headers": {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", maxHeaderBytes) + "\r\n\r\n", 0, 0, false,
			errHeaders},
		"large headers": {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", maxHeaderBytes-100) +
			"\r\nContent-Length: 0\r\n\r\n", 200, 0, false, nil},
	}
}

func TestAnswersAreUnderstood(t *testing.T) {
	for name, want := range answers() {
		for how, from := range map[string]io.Reader{
			"whole": strings.NewReader(want.text), "by byte": iotest.OneByteReader(strings.NewReader(want.text)),
		} {
			if how == "by byte" && name == "and more" {
				continue // what has not come yet cannot be seen
			}
			r := answerReader{buffer: make([]byte, leastBuffer)}
			err := r.read(from)
			if !errors.Is(err, want.err) || r.status != want.status || err == nil && r.last != want.last ||
				err == nil && r.size != want.size {
				t.Errorf("%s, %s: status %d, %d bytes, last %t, error %v; want %+v", name, how, r.status, r.size, r.last, err,
					want)
			}
		}
	}
}

// Whatever a server sends, reading it ends, and in little memory.
func FuzzAnswer(f *testing.F) {
	for _, a := range answers() {
		f.Add([]byte(a.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := answerReader{buffer: make([]byte, leastBuffer)}
		_ = r.read(bytes.NewReader(data))
		if len(r.buffer) > maxHeaderBytes || len(r.start) > maxWords || r.size > int64(len(data)) {
			t.Errorf("a buffer of %d bytes, %d bytes of the body kept, body of %d bytes", len(r.buffer), len(r.start), r.size)
		}
	})
}
