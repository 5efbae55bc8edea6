package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/build"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cgroup"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/config"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/image"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
)

const ciliumModule = "github.com/cilium/cilium"

// cilium is what its module was made into.
type cilium struct {
	// version is the module's, e.g. v1.15.19.
	version string
	// plugin is the program that containerd runs; image is the agent's archive.
	plugin, image string
	// resources and install are what the API server is given: the directory of the
	// types of its objects, and the agent's objects with places to fill in.
	resources, install string
}

func (p cilium) imageName() string { return "meshbench.test/cilium:" + p.version }

// compileCilium builds the agent and its plugin. The agent compiles its programs for
// the kernel itself, from sources in its image.
func compileCilium(ctx context.Context, source string, log io.Writer) (cilium, error) {
	if err := host.InstallBPFCompiler(ctx, log); err != nil {
		return cilium{}, err
	}
	dir := filepath.Join(source, "cilium")
	if _, err := host.Run(ctx, "go", "-C", dir, "mod", "download", ciliumModule); err != nil {
		return cilium{}, err
	}
	out, err := host.Run(ctx, "go", "-C", dir, "list", "-m", "-f", "{{.Version}} {{.Dir}}", ciliumModule)
	if err != nil {
		return cilium{}, err
	}
	version, module, _ := strings.Cut(strings.TrimSpace(out), " ")
	b, err := build.ForUser(log)
	if err != nil {
		return cilium{}, err
	}
	p := cilium{version: version, resources: filepath.Join(module, "pkg/k8s/apis/cilium.io/client/crds"),
		install: filepath.Join(dir, "install.yaml")}
	p.plugin, err = b.Binary(ctx, build.Program{Name: "cilium-cni", Dir: dir, Module: dir,
		Package: ciliumModule + "/plugins/cilium-cni"})
	if err != nil {
		return cilium{}, err
	}
	agent, err := b.Binary(ctx, build.Program{Name: "cilium-agent", Dir: dir, Module: dir,
		Package: ciliumModule + "/daemon",
		LDFlags: "-X " + ciliumModule + "/pkg/version.ciliumVersion=" + strings.TrimPrefix(version, "v")})
	if err != nil {
		return cilium{}, err
	}
	files := []image.File{{Source: agent, Path: "/cilium-agent", Executable: true}}
	err = filepath.WalkDir(filepath.Join(module, "bpf"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, image.File{Source: path, Path: "/var/lib/cilium/" + strings.TrimPrefix(path, module+"/")})
		}
		return err
	})
	if err != nil {
		return cilium{}, fmt.Errorf("find the sources of Cilium's programs: %w", err)
	}
	p.image, err = archived(b, agent, image.Spec{Name: p.imageName(), Files: files, User: "0",
		Entrypoint: []string{"/cilium-agent"}, Architecture: runtime.GOARCH})
	return p, err
}

// plugins is the directory of the programs that join a pod to the network.
func (c Cluster) plugins() string {
	if c.HasCilium() {
		return c.PluginDir()
	}
	return config.MachinePlugins
}

// installPlugin puts Cilium's plugin where containerd looks for it, beside the one
// that every pod needs.
func (c Cluster) installPlugin(p cilium) error {
	if err := os.MkdirAll(c.PluginDir(), 0o755); err != nil {
		return fmt.Errorf("install Cilium's plugin: %w", err)
	}
	for name, from := range map[string]string{
		"cilium-cni": p.plugin, "loopback": filepath.Join(config.MachinePlugins, "loopback"),
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			return fmt.Errorf("install Cilium's plugin: %w", err)
		}
		if err := os.WriteFile(filepath.Join(c.PluginDir(), name), data, 0o755); err != nil {
			return fmt.Errorf("install Cilium's plugin: %w", err)
		}
	}
	return nil
}

// socketGroup is the group of version 2 above a node's pods, which Cilium takes for
// the root of all groups; empty without Cilium.
func (c Cluster) socketGroup(node string) (string, error) {
	if !c.HasCilium() {
		return "", nil
	}
	paths, err := cgroup.Paths(c.NodeCgroup(node))
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		if _, err := os.Stat(filepath.Join(path, "cgroup.controllers")); err == nil {
			return path, nil
		}
	}
	return "", errors.New("Cilium needs control groups of version 2: mount them below /sys/fs/cgroup, " +
		"beside those of version 1 if need be")
}

// startCilium gives nodes their networks, which Cilium asks for, and the API server
// the agent.
func (c Cluster) startCilium(ctx context.Context, p cilium) error {
	if err := c.Load(ctx, []string{p.image}); err != nil {
		return err
	}
	for n := 1; n <= c.Nodes; n++ {
		pods := c.First().NodePods(n)
		patch := fmt.Sprintf(`{"spec":{"podCIDR":%q,"podCIDRs":[%q]}}`, pods, pods)
		node := layout.NodeName(n)
		if err := c.await(ctx, node+" is known", time.Minute, func(ctx context.Context) error {
			return c.kubectl(ctx, nil, "patch", "node", node, "--patch", patch)
		}, kubelet(node)); err != nil {
			return err
		}
	}
	if err := c.kubectl(ctx, nil, "apply", "--server-side", "--recursive", "--filename", p.resources); err != nil {
		return err
	}
	text, err := os.ReadFile(p.install)
	if err != nil {
		return fmt.Errorf("install Cilium: %w", err)
	}
	objects := strings.NewReplacer("@IMAGE@", p.imageName(), "@PODS@", c.First().Pods(),
		"@API_HOST@", c.First().ControlPlane(), "@API_PORT@", strconv.Itoa(layout.APIPort),
		"@COMPILER@", host.BPFCompiler).Replace(string(text))
	return c.kubectl(ctx, strings.NewReader(objects), "apply", "--server-side", "--filename", "-")
}

func (c Cluster) kubectl(ctx context.Context, in io.Reader, args ...string) error {
	_, err := host.RunWith(ctx, in, c.bin("kubectl"), append([]string{"--kubeconfig", c.Kubeconfig()}, args...)...)
	return err
}
