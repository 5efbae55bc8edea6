package loopback

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Crash kills the API server, which is back after a while: every connection
// breaks, logs and watches among them, and new ones are refused. What is stored
// stays, as in etcd; what is in flight may have been done without an answer.
func (v *Server) Crash(lasts time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.crashed || v.closed {
		return
	}
	v.crashed = true
	_ = v.http.Close()
	time.AfterFunc(lasts, v.restart)
}

func (v *Server) restart() {
	listener, err := net.Listen("tcp", v.URL().Host)
	if err != nil { // another process of this machine has the port for a moment
		time.AfterFunc(50*time.Millisecond, v.restart)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		_ = listener.Close()
		return
	}
	v.crashed = false
	v.serve(listener)
}

// serve answers what comes; the caller holds the lock.
func (v *Server) serve(listener net.Listener) {
	server := &http.Server{Handler: v, ReadHeaderTimeout: time.Minute}
	v.http = server
	go func() { _ = server.Serve(listener) }()
}

// CrashKubelet kills a node's kubelet, which is back after a while. Until then
// containers there run on, unseen: no pod begins, none is seen to end or goes for
// good, and no log can be read. With the node its containers end too.
func (v *Server) CrashKubelet(node string, withNode bool, lasts time.Duration) {
	v.pods.kubelets.stop(node, lasts)
	if withNode {
		v.pods.killOn(node)
	}
}

// kubelets are those that are down.
type kubelets struct {
	mu   sync.Mutex
	down map[string]chan struct{} // closed when the node's is back
}

func (k *kubelets) stop(node string, lasts time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down[node] != nil {
		return
	}
	if k.down == nil {
		k.down = map[string]chan struct{}{}
	}
	back := make(chan struct{})
	k.down[node] = back
	time.AfterFunc(lasts, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.down, node)
		close(back)
	})
}

// back is closed when a node's kubelet is there again; nil if it is.
func (k *kubelets) back(node string) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.down[node]
}

func (k *kubelets) wait(node string) {
	if back := k.back(node); back != nil {
		<-back
	}
}

// killOn ends the containers of a node.
func (p *pods) killOn(node string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, run := range p.running {
		if o := p.store.get(at); o != nil && nodeOf(o) == node {
			_ = run.command.Process.Kill()
		}
	}
}

// remove deletes an object and what it owns. Pods of a node without a kubelet are
// marked, and go when it is back.
func (p *pods) remove(at place) {
	gone, marked := p.store.remove(at, func(o *object) bool {
		return o.GetKind() == "Pod" && p.kubelets.back(nodeOf(o)) != nil
	})
	for _, one := range gone {
		p.kill(one)
	}
	for one, o := range marked {
		go func() {
			p.kubelets.wait(nodeOf(o))
			if have := p.store.get(one); have != nil && have.GetUID() == o.GetUID() {
				p.remove(one)
			}
		}()
	}
}

// noKubelet answers as an API server does that reaches none.
func (w *answer) noKubelet(at place) {
	w.refuse(http.StatusInternalServerError, fmt.Sprintf("Get \"https://192.0.2.1:10250/containerLogs/%s/%s/%s\": "+
		"dial tcp 192.0.2.1:10250: connect: connection refused", at.namespace, at.name, container))
}
