package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
)

// initFlags say which namespaces to make.
type initFlags struct {
	meshes []string
	prefix string
	names  []string
	marks  map[string]string
	apply  bool
	dryRun string
}

func newInit(a *app) *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init --mesh MESH",
		Short: "Print, or apply, a pair of namespaces for a mesh",
		Long: `Print a baseline that stays out of a mesh and a namespace that is enrolled in it,
both annotated for meshbench. With --apply they are applied to the cluster, which
needs the rights to get, create and patch namespaces (manifests/rbac/init.yaml);
a namespace that meshbench has not made is never touched.`,
		Example: `  kubectl meshbench init --mesh istio-sidecar
  kubectl meshbench init --mesh istio-sidecar,linkerd --prefix bench --apply
  kubectl meshbench init --mesh istio-sidecar --mark istio.io/rev=1-30 --apply --dry-run=server`,
		Args: wants(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.init(c.Context(), &f) },
	}
	c.Flags().StringSliceVar(&f.meshes, "mesh", nil,
		"The mesh, or several separated by commas, each with a namespace of its own")
	c.Flags().StringVar(&f.prefix, "prefix", "meshbench", "Namespaces are called PREFIX-baseline and PREFIX-MESH")
	c.Flags().StringSliceVar(&f.names, "names", nil,
		"The names themselves, in place of --prefix: the baseline's, then one for each mesh")
	c.Flags().StringToStringVar(&f.marks, "mark", nil,
		"KEY=VALUE of a label or annotation for whose value the mesh leaves a choice, such as istio.io/rev")
	c.Flags().BoolVar(&f.apply, "apply", false, "Apply the namespaces instead of printing them")
	c.Flags().StringVar(&f.dryRun, "dry-run", dryRunNone,
		"With --apply: server asks the API server and changes nothing, client prints")
	return c
}

func (a *app) init(ctx context.Context, f *initFlags) error {
	namespaces, err := f.namespaces()
	if err != nil {
		return err
	}
	if !f.apply || f.dryRun == dryRunClient {
		return printNamespaces(a.streams.Out, namespaces)
	}
	if len(namespaces.Open) > 0 {
		return usagef("only you can know the value of %s: give it with --mark KEY=VALUE", strings.Join(namespaces.Open, ", "))
	}
	client, err := a.connect()
	if err != nil {
		return err
	}
	if err := untouched(ctx, client, namespaces.All); err != nil {
		return err
	}
	dry, suffix := f.dryRun == dryRunServer, ""
	if dry {
		suffix = " (server dry run)"
	}
	for _, ns := range namespaces.All {
		if err := client.ApplyNamespace(ctx, ns, dry); err != nil {
			if apierrors.IsForbidden(err) {
				err = fmt.Errorf("%w: manifests/rbac/init.yaml grants it, or let somebody apply what init prints without --apply",
					err)
			}
			return err
		}
		_, _ = fmt.Fprintf(a.streams.Out, "namespace/%s applied%s\n", ns.Name, suffix)
	}
	for _, note := range namespaces.Notes {
		_, _ = fmt.Fprintln(a.streams.ErrOut, "note: "+note)
	}
	var meshed []string
	for _, ns := range namespaces.All[1:] {
		meshed = append(meshed, ns.Name)
	}
	_, _ = fmt.Fprintf(a.streams.ErrOut, "next: %s\n",
		a.say().Plugin("", "check", "--baseline", namespaces.All[0].Name, "--meshed", strings.Join(meshed, ",")))
	return nil
}

func (f *initFlags) namespaces() (workload.Namespaces, error) {
	var none workload.Namespaces
	if !slices.Contains([]string{dryRunNone, dryRunClient, dryRunServer}, f.dryRun) {
		return none, usagef("--dry-run is %q, want %s, %s or %s", f.dryRun, dryRunNone, dryRunClient, dryRunServer)
	}
	if f.dryRun == dryRunServer && !f.apply {
		return none, usagef("--dry-run=%s goes with --apply", dryRunServer)
	}
	catalogue, err := mesh.Builtin()
	if err != nil {
		return none, err
	}
	if len(f.meshes) == 0 {
		return none, usagef("name a mesh with --mesh: one of %s", strings.Join(catalogue.IDs(), ", "))
	}
	names, err := f.named()
	if err != nil {
		return none, err
	}
	var meshed []workload.Meshed
	keys := map[string]bool{}
	for i, id := range f.meshes {
		m, err := lookUp(catalogue, id)
		if err != nil {
			return none, err
		}
		for _, way := range m.Enrol.Namespace {
			for _, key := range way.Keys() {
				keys[key] = true
			}
		}
		meshed = append(meshed, workload.Meshed{Name: names[1+i], Mesh: m})
	}
	for key := range f.marks {
		if !keys[key] {
			return none,
				usagef("--mark %s: no label or annotation that enrols a namespace in %s", key, strings.Join(f.meshes, " or "))
		}
	}
	return workload.NamespacesFor(names[0], meshed, f.marks), nil
}

// lookUp finds a mesh that namespaces can be made for.
func lookUp(catalogue mesh.Catalogue, id string) (mesh.Mesh, error) {
	m, err := catalogue.Get(id)
	if err == nil {
		return m, nil
	}
	for _, named := range catalogue.All() {
		if named.ID == id {
			return m,
				usagef("%s appears in the survey only: what it needs of a namespace is not known; there is %s", named.Title,
					strings.Join(catalogue.IDs(), ", "))
		}
	}
	return m, &usageError{err}
}

// named are the names of the namespaces, the baseline's first.
func (f *initFlags) named() ([]string, error) {
	names := f.names
	if len(names) == 0 {
		names = []string{f.prefix + "-baseline"}
		for _, id := range f.meshes {
			names = append(names, f.prefix+"-"+id)
		}
	}
	if len(names) != 1+len(f.meshes) {
		return nil,
			usagef("--names gives %d names, want %d: the baseline's and one for each mesh", len(names), 1+len(f.meshes))
	}
	for i, name := range names {
		if place, err := arms.ParsePlace(name); err != nil || place.Context != "" {
			return nil, usagef("%q is no name for a namespace: use lower-case letters, digits and dashes", name)
		}
		if slices.Contains(names[:i], name) {
			return nil, usagef("two namespaces would be called %s", name)
		}
	}
	return names, nil
}

// untouched refuses namespaces that exist and are not ours, and a baseline that
// stays out of more meshes than it would afterwards.
func untouched(ctx context.Context, client *cluster.Client, namespaces []*corev1.Namespace) error {
	for _, ns := range namespaces {
		have, err := client.Namespace(ctx, ns.Name)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if !workload.IsOurs(have.Labels) {
			return usagef("namespace %s exists and meshbench has not made it: choose other names with "+
				"--prefix or --names, or change it yourself as init prints", ns.Name)
		}
		for _, pair := range []struct{ have, want map[string]string }{{have.Labels, ns.Labels},
			{have.Annotations, ns.Annotations}} {
			for key := range pair.have {
				if _, kept := pair.want[key]; !kept && isMark(key) {
					return usagef("namespace %s carries %s, which it would lose: name all its "+
						"meshes together, as in --mesh istio-sidecar,linkerd, or choose another --prefix", ns.Name, key)
				}
			}
		}
	}
	return nil
}

// isMark reports whether a key is one that some mesh reads on namespaces.
func isMark(key string) bool {
	catalogue, err := mesh.Builtin()
	if err != nil {
		return false
	}
	for _, m := range catalogue.All() {
		for _, way := range append(slices.Clone(m.Enrol.Namespace), m.Enrol.OptOutNamespace...) {
			if slices.Contains(way.Keys(), key) {
				return true
			}
		}
	}
	return false
}

// printNamespaces prints documents that kubectl applies, with what they leave
// to be done as comments.
func printNamespaces(out io.Writer, n workload.Namespaces) error {
	var b strings.Builder
	for _, note := range n.Notes {
		fmt.Fprintf(&b, "# %s\n", note)
	}
	if len(n.Open) > 0 {
		fmt.Fprintf(&b, "# Replace the value %s of %s, or give it with --mark KEY=VALUE.\n", workload.OpenValue,
			strings.Join(n.Open, ", "))
	}
	for i, ns := range n.All {
		data, err := yaml.Marshal(struct {
			APIVersion string         `json:"apiVersion"`
			Kind       string         `json:"kind"`
			Metadata   map[string]any `json:"metadata"`
		}{ns.APIVersion, ns.Kind, map[string]any{"name": ns.Name, "labels": ns.Labels, "annotations": ns.Annotations}})
		if err != nil {
			return errors.Join(err, fmt.Errorf("print namespace %s", ns.Name))
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(data)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
