package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// rbacFlags say what is granted to whom, and where.
type rbacFlags struct {
	namespaces, with, meshes         []string
	subject, tokenSecret, prometheus string
}

// optionalRoles are the ClusterRoles beside the Role that every run needs.
func optionalRoles() []string { return []string{"check", "discovery", "init", "resources"} }

func newRBAC(a *app) *cobra.Command {
	var f rbacFlags
	c := &cobra.Command{
		Use:   "rbac --namespaces NAMESPACE,... [--for KIND:NAME] [--with ROLE,...]",
		Short: "Print the Roles that a run needs, with bindings, to be applied",
		Long: `Print the Roles that a run needs, with bindings, to be applied by whoever may. In
the named namespaces one Role is all that a run needs. Optional, for the whole cluster:
  check      quotas and room on nodes, for 'check'
  discovery  find annotated namespaces, nodes and meshes
  init       make namespaces, for 'init --apply'
  resources  read what other pods and nodes use; it holds "get nodes/proxy",
             which is a strong right: it opens the kubelets' whole API
Where that is too much, two Roles in one namespace each may do: --prometheus-service
to read a Prometheus through the API server, --mesh-namespaces to find a mesh's pods.`,
		Example: `  kubectl meshbench rbac --namespaces plain,with-mesh --for user:ann | kubectl apply -f -
  kubectl meshbench rbac --namespaces plain,with-mesh --for serviceaccount:ci/bench --with check,discovery`,
		Args: wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.rbac(&f) },
	}
	c.Flags().StringSliceVar(&f.namespaces, "namespaces", nil, "The namespaces that take part")
	c.Flags().StringVar(&f.subject, "for", "",
		"Who runs the plugin: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME; without it, no bindings")
	c.Flags().StringSliceVar(&f.with, "with", nil,
		"Optional rights for the whole cluster: "+strings.Join(optionalRoles(), ", "))
	c.Flags().StringVar(&f.prometheus, "prometheus-service", "",
		"NAMESPACE/NAME:PORT of the Service of --prometheus-service; it alone may be read through the API server")
	c.Flags().StringSliceVar(&f.meshes, "mesh-namespaces", nil,
		"Namespaces of meshes, such as istio-system, in which pods may be listed")
	c.Flags().StringVar(&f.tokenSecret, "token-secret", "",
		"NAMESPACE/NAME of the secret of --prometheus-token secret:NAMESPACE/NAME; it alone may be read")
	return c
}

func (a *app) rbac(f *rbacFlags) error {
	if len(f.namespaces) == 0 {
		return usagef("--namespaces: name the namespaces that take part, as in --namespaces plain,with-mesh")
	}
	if err := namespaceNames(append(slices.Clone(f.namespaces), f.meshes...)); err != nil {
		return err
	}
	subject, err := parseSubject(f.subject)
	if err != nil {
		return err
	}
	objects, err := grants(f.namespaces, f.with, subject)
	if err != nil {
		return err
	}
	narrow, err := f.narrow(subject)
	if err != nil {
		return err
	}
	objects = append(objects, narrow...)
	if f.tokenSecret != "" {
		namespace, name, ok := strings.Cut(f.tokenSecret, "/")
		if !ok || namespace == "" || name == "" || strings.ContainsAny(name, "/:") {
			return usagef("--token-secret %s: want NAMESPACE/NAME", f.tokenSecret)
		}
		objects = append(objects, withBinding(tokenRole(namespace, name), subject)...)
	}
	for i, o := range objects {
		text, err := applicable(o)
		if err != nil {
			return err
		}
		if i > 0 {
			text = "---\n" + text
		}
		if _, err := fmt.Fprint(a.streams.Out, text); err != nil {
			return err
		}
	}
	return nil
}

// grants are all objects, each Role before its binding.
func grants(namespaces, with []string, subject *rbacv1.Subject) ([]any, error) {
	var objects []any
	for _, namespace := range namespaces {
		var role rbacv1.Role
		if err := shipped("role", &role); err != nil {
			return nil, err
		}
		role.Namespace = namespace
		objects = append(objects, withBinding(role, subject)...)
	}
	for _, name := range with {
		if !slices.Contains(optionalRoles(), name) {
			return nil, usagef("--with %s: want %s%s", name, strings.Join(optionalRoles(), ", "),
				didYouMean(name, optionalRoles()))
		}
		var role rbacv1.ClusterRole
		if err := shipped(name, &role); err != nil {
			return nil, err
		}
		objects = append(objects, role)
		if subject != nil {
			objects = append(objects, rbacv1.ClusterRoleBinding{
				TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
				ObjectMeta: metav1.ObjectMeta{Name: role.Name},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: role.Kind, Name: role.Name},
				Subjects:   []rbacv1.Subject{*subject},
			})
		}
	}
	return objects, nil
}

// narrow are Roles of one namespace each that stand for parts of --with resources.
func (f *rbacFlags) narrow(subject *rbacv1.Subject) ([]any, error) {
	var objects []any
	for _, namespace := range f.meshes {
		objects = append(objects, withBinding(roleOf("meshbench-mesh", namespace,
			rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}}), subject)...)
	}
	if f.prometheus == "" {
		return objects, nil
	}
	service, err := kube.ParseService(f.prometheus)
	if err != nil {
		return nil, usagef("--prometheus-service: %w", err)
	}
	return append(objects, withBinding(roleOf("meshbench-prometheus", service.Namespace, rbacv1.PolicyRule{
		APIGroups: []string{""}, Resources: []string{"services/proxy"},
		ResourceNames: []string{service.Name + ":" + service.Port}, Verbs: []string{"get"}}), subject)...), nil
}

// withBinding is a Role and, where there is somebody to bind it to, its binding.
func withBinding(role rbacv1.Role, subject *rbacv1.Subject) []any {
	if subject == nil {
		return []any{role}
	}
	return []any{role, rbacv1.RoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: role.Name, Namespace: role.Namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: role.Kind, Name: role.Name},
		Subjects:   []rbacv1.Subject{*subject},
	}}
}

// tokenRole lets one secret be read, and nothing else.
func tokenRole(namespace, secret string) rbacv1.Role {
	return roleOf("meshbench-token", namespace, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"},
		ResourceNames: []string{secret}, Verbs: []string{"get"}})
}

func roleOf(name, namespace string, rule rbacv1.PolicyRule) rbacv1.Role {
	return rbacv1.Role{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "Role"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Rules:      []rbacv1.PolicyRule{rule},
	}
}

// shipped reads one of the documents of manifests/rbac.
func shipped(name string, into any) error {
	text, err := manifests.Files.ReadFile("rbac/" + name + ".yaml")
	if err != nil {
		return fmt.Errorf("read the Roles of this build: %w", err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("read the Role %s of this build: %w", name, err)
	}
	return nil
}

// parseSubject reads KIND:NAME; nothing is nobody.
func parseSubject(text string) (*rbacv1.Subject, error) {
	if text == "" {
		return nil, nil
	}
	kind, name, _ := strings.Cut(text, ":")
	wrong := usagef("--for %s: want user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME", text)
	if name == "" {
		return nil, wrong
	}
	switch kind {
	case "user":
		return &rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: name}, nil
	case "group":
		return &rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: name}, nil
	case "serviceaccount":
		namespace, account, _ := strings.Cut(name, "/")
		if namespace == "" || account == "" {
			return nil, wrong
		}
		return &rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account}, nil
	default:
		return nil, wrong
	}
}

// applicable is an object as YAML, without the fields that only a server fills.
func applicable(object any) (string, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("print a Role: %w", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", fmt.Errorf("print a Role: %w", err)
	}
	if meta, ok := fields["metadata"].(map[string]any); ok {
		delete(meta, "creationTimestamp")
	}
	text, err = yaml.Marshal(fields)
	return string(text), err
}
