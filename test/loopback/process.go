package loopback

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// process is the worker of one pod.
type process struct {
	command *exec.Cmd
	load    bool
	output  output
	// ports are those of a target.
	ports map[string]int
}

// start starts a pod's worker, as it is on that node. Targets get ports of their own, and load pods
// are told those of the target of their namespace.
func (p *pods) start(at place, pod *corev1.Pod, node string, load bool) (*process, error) {
	i := slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == container })
	if i < 0 {
		return nil, fmt.Errorf("pod %s has no container %s", at.name, container)
	}
	run := &process{load: load}
	p.mu.Lock()
	before := p.running[at]
	p.mu.Unlock()
	args := slices.Clone(pod.Spec.Containers[i].Args)
	var err error
	if load {
		args, err = p.towards(args, pod)
	} else {
		if before != nil && allFree(before.ports) {
			run.ports = before.ports
		} else {
			run.ports, err = freePorts("http", "h2c", "grpc", "metrics")
		}
		for name, port := range run.ports {
			args = append(args, fmt.Sprintf("--%s=127.0.0.1:%d", name, port))
		}
	}
	if err != nil {
		return nil, err
	}
	worker := cmp.Or(p.scenario.Workers[node], p.worker)
	run.command = exec.Command(worker, args...)
	if n := p.scenario.OpenFiles; n > 0 {
		limited := fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, n)
		run.command = exec.Command("sh", append([]string{"-c", limited, worker}, args...)...)
	}
	run.command.Stdout, run.command.Stderr = &run.output, &run.output
	for _, e := range pod.Spec.Containers[i].Env {
		value := e.Value
		if e.ValueFrom != nil && e.ValueFrom.FieldRef != nil {
			value = map[string]string{"metadata.name": pod.Name, "metadata.uid": string(pod.UID)}[e.ValueFrom.FieldRef.FieldPath]
		}
		run.command.Env = append(run.command.Env, e.Name+"="+value)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fmt.Errorf("pod %s: the laboratory is closed", at.name)
	}
	if err := run.command.Start(); err != nil {
		return nil, fmt.Errorf("start the worker of pod %s: %w", at.name, err)
	}
	p.running[at] = run
	return run, nil
}

// towards makes a load pod's specification point to the target's process.
func (p *pods) towards(args []string, pod *corev1.Pod) ([]string, error) {
	i := slices.Index(args, "--spec") + 1
	if i == 0 || i >= len(args) {
		return nil, fmt.Errorf("load pod %s has no --spec", pod.Name)
	}
	var spec map[string]any
	if err := json.Unmarshal([]byte(args[i]), &spec); err != nil {
		return nil, fmt.Errorf("specification of load pod %s: %w", pod.Name, err)
	}
	port := map[any]string{"http1": "http", "h2c": "h2c", "grpc": "grpc"}[spec["protocol"]]
	spec["target"] = nobody
	if target := p.targetOf(pod); target != nil {
		spec["target"] = fmt.Sprintf("127.0.0.1:%d", target.ports[port])
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	args[i] = string(text)
	return append(args, "--metrics="), nil
}

// nobody refuses connections, as a Service without endpoints does.
const nobody = "127.0.0.1:1"

// targetOf is the target of a load pod's run and arm; nil if somebody took it away.
func (p *pods) targetOf(pod *corev1.Pod) *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, run := range p.running {
		o := p.store.get(at)
		if o == nil || run.load || at.namespace != pod.Namespace {
			continue
		}
		if l := o.GetLabels(); l["meshbench.dev/run-id"] == pod.Labels["meshbench.dev/run-id"] &&
			l["meshbench.dev/arm"] == pod.Labels["meshbench.dev/arm"] {
			return run
		}
	}
	return nil
}

func freePorts(names ...string) (map[string]int, error) {
	ports := map[string]int{}
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = l.Close() }() // all at once, so that they differ
		ports[name] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// allFree reports whether a worker can listen on those ports: another process of
// this machine may have taken one meanwhile.
func allFree(ports map[string]int) bool {
	for _, port := range ports {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// kill ends the worker of a pod that is gone.
func (p *pods) kill(at place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if run := p.running[at]; run != nil {
		_ = run.command.Process.Kill()
		delete(p.running, at)
	}
}

func (p *pods) killAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for at, run := range p.running {
		_ = run.command.Process.Kill()
		delete(p.running, at)
	}
}

func (p *pods) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *pods) killOne(load bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, run := range p.running {
		if run.load == load && !run.output.ended() {
			return run.command.Process.Kill() == nil
		}
	}
	return false
}
