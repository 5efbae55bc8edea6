package loadgen

import (
	"encoding/json"
	"sync"

	"fortio.org/log"
)

// clientLog listens to fortio's log, the only place where its client says why
// a socket failed, and remembers the last word about each connection. It also
// keeps that log off the worker's own streams.
type clientLog struct {
	mu   sync.Mutex
	last map[int]string
}

// watchClientLog takes fortio's log over for the rest of the process.
func watchClientLog() *clientLog {
	l := &clientLog{last: map[int]string{}}
	log.Config.JSON = true
	log.Config.ConsoleColor = false
	log.Config.LogFileAndLine = false
	log.SetLogLevelQuiet(log.Warning)
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
		l.mu.Unlock()
	}
	return len(line), nil
}

// reason is why a connection failed just now.
func (l *clientLog) reason(id int) *failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	message := l.last[id]
	delete(l.last, id)
	return reasonOf(message)
}
