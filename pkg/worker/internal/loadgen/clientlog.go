package loadgen

import (
	"encoding/json"
	"strings"
	"sync"

	"fortio.org/log"
)

// clientLog listens to fortio's log, the only place where its client says why
// a socket failed, and remembers the last word about each connection. It also
// keeps that log off the worker's own streams.
type clientLog struct {
	mu   sync.Mutex
	last map[int]string
	// again holds the connections that a request was sent again on, because the
	// socket it was sent on was dead.
	again map[int]bool
}

// deadSocket begins what fortio says before it sends a request again.
const deadSocket = "Closing dead socket"

// watchClientLog takes fortio's log over for the rest of the process.
func watchClientLog() *clientLog {
	l := &clientLog{last: map[int]string{}, again: map[int]bool{}}
	log.Config.JSON = true
	log.Config.ConsoleColor = false
	log.Config.LogFileAndLine = false
	log.SetLogLevelQuiet(log.Info) // where it says that a socket is dead
	log.SetColorMode()
	log.SetOutput(l)
	return l
}

// Write implements io.Writer for lines of JSON.
func (l *clientLog) Write(line []byte) (int, error) {
	var entry struct {
		Message string `json:"msg"`
		Thread  *int   `json:"thread"`
	}
	if json.Unmarshal(line, &entry) == nil && entry.Thread != nil {
		l.mu.Lock()
		l.last[*entry.Thread] = entry.Message
		if strings.HasPrefix(entry.Message, deadSocket) {
			l.again[*entry.Thread] = true
		}
		l.mu.Unlock()
	}
	return len(line), nil
}

// resent reports whether a connection's request was sent again since it was
// asked last.
func (l *clientLog) resent(id int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	again := l.again[id]
	delete(l.again, id)
	return again
}

// reason is why a connection failed just now.
func (l *clientLog) reason(id int) *failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	message := l.last[id]
	delete(l.last, id)
	return reasonOf(message)
}
