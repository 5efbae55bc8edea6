//go:build browser

package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// message is one of Chromium's DevTools protocol, which ends with a zero byte.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// tab is one page of a browser of its own. It keeps every event.
type tab struct {
	t       *testing.T
	out     io.Writer
	read    *os.File
	in      *bufio.Reader
	session string
	last    int
	events  []message
}

// start runs Chromium without a network: every name and address but none
// resolves to nothing. It ends with the test.
func start(t *testing.T) *tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v: test/install chromium installs it", err)
	}
	toBrowser, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--hide-scrollbars",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	c.ExtraFiles = []*os.File{toBrowser, fromBrowser} // its descriptors 3 and 4
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = toBrowser.Close(), fromBrowser.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // how it ends says nothing of the page
	}()
	t.Cleanup(func() {
		_ = write.Close()
		select {
		case <-ended: // it ends with its pipe
		case <-time.After(10 * time.Second):
			_ = c.Process.Kill()
			<-ended
		}
		_ = read.Close()
	})
	b := &tab{t: t, out: write, read: read, in: bufio.NewReader(read)}
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Network", "Runtime", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call sends a command and waits for its answer.
func (b *tab) call(method string, params, result any) {
	b.t.Helper()
	b.last++
	m := message{ID: b.last, Session: b.session, Method: method}
	if params != nil {
		raw, err := json.Marshal(params)
		if err != nil {
			b.t.Fatal(err)
		}
		m.Params = raw
	}
	data, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.out.Write(append(data, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	if err := b.read.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		b.t.Fatal(err)
	}
	answer, err := b.until(func(m message) bool { return m.ID == b.last })
	if err == nil && answer.Error != nil {
		err = errors.New(answer.Error.Message)
	}
	if err == nil && result != nil {
		err = json.Unmarshal(answer.Result, result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

// until reads, and keeps events, up to the message that is looked for.
func (b *tab) until(is func(message) bool) (message, error) {
	for {
		data, err := b.in.ReadBytes(0)
		if err != nil {
			return message{}, fmt.Errorf("read from Chromium: %w", err)
		}
		var m message
		if err := json.Unmarshal(data[:len(data)-1], &m); err != nil {
			return message{}, err
		}
		if m.Method != "" {
			b.events = append(b.events, m)
		}
		if is(m) {
			return m, nil
		}
	}
}

// open loads a file and waits until it is loaded.
func (b *tab) open(path string) {
	b.t.Helper()
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	loaded := func(m message) bool { return m.Method == "Page.loadEventFired" }
	for _, m := range b.events {
		if loaded(m) {
			return
		}
	}
	if _, err := b.until(loaded); err != nil {
		b.t.Fatal(err)
	}
}

// show sets the size of the window in CSS pixels, and the colours.
func (b *tab) show(width int, scheme, media string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia",
		map[string]any{"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}},
		nil)
}

// ask evaluates an expression in the page.
func (b *tab) ask(expression string, result any) {
	b.t.Helper()
	var answer struct {
		Result struct {
			Value       json.RawMessage
			Description string
		}
		ExceptionDetails *struct{ Text string }
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true,
		"awaitPromise": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s %s", expression, answer.ExceptionDetails.Text, answer.Result.Description)
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// complaints are requests that left the file, and what the console says.
func (b *tab) complaints() []string {
	var all []string
	for _, m := range b.events {
		switch m.Method {
		case "Network.requestWillBeSent":
			var p struct {
				Type    string
				Request struct{ URL string }
			}
			if err := json.Unmarshal(m.Params, &p); err != nil || p.Type != "Document" ||
				!strings.HasPrefix(p.Request.URL, "file://") {
				all = append(all, "asks the network: "+string(m.Params))
			}
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
			all = append(all, "the console says: "+string(m.Params))
		}
	}
	return all
}
