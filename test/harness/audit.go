package harness

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Call is what one program asked of the API server.
type Call struct {
	Verb, Group, Resource, Namespace, Name string
	Code                                   int
}

// String is the call as `kubectl auth can-i` would write it.
func (c Call) String() string {
	text := c.Verb + " " + c.Resource
	if c.Group != "" {
		text += "." + c.Group
	}
	if c.Name != "" {
		text += " " + c.Name
	}
	if c.Namespace == "" {
		return text + " of the cluster"
	}
	return text + " in " + c.Namespace
}

// Audit is what an API server's audit log says of one program.
type Audit struct {
	Calls []Call
	// Consented are the namespaces that carried, at any time, the annotation that
	// lets us in.
	Consented map[string]bool
}

// ReadAudit reads an audit log whose policy keeps the bodies of namespaces. agent
// is how the User-Agent of the program begins.
func ReadAudit(log io.Reader, agent string) (Audit, error) {
	a := Audit{Consented: map[string]bool{}}
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 && err == nil { // what has no end is still being written
			if err := a.add(line, agent); err != nil {
				return a, err
			}
		}
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, fmt.Errorf("read the audit log: %w", err)
		}
	}
}

func (a *Audit) add(line []byte, agent string) error {
	var e struct {
		Stage, Verb, UserAgent string
		ObjectRef              *struct{ Resource, Subresource, Namespace, Name, APIGroup string }
		ResponseStatus         struct{ Code int }
		RequestObject          struct {
			Metadata struct {
				Name        string
				Annotations map[string]string
			}
		}
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("a line of the audit log: %w", err)
	}
	if e.ObjectRef == nil {
		return nil // a path such as /version
	}
	if e.ObjectRef.Resource == "namespaces" && e.RequestObject.Metadata.Annotations[v1alpha1.AnnotationRole] != "" {
		name := e.ObjectRef.Name
		if name == "" {
			name = e.RequestObject.Metadata.Name
		}
		a.Consented[name] = true
	}
	// A watch is written down when it begins and when it ends.
	if !strings.HasPrefix(e.UserAgent, agent) || e.Stage == "ResponseStarted" {
		return nil
	}
	c := Call{Verb: e.Verb, Group: e.ObjectRef.APIGroup, Resource: e.ObjectRef.Resource, Namespace: e.ObjectRef.Namespace,
		Name: e.ObjectRef.Name, Code: e.ResponseStatus.Code}
	if e.ObjectRef.Subresource != "" {
		c.Resource += "/" + e.ObjectRef.Subresource
	}
	if c.Resource == "namespaces" {
		c.Namespace = c.Name // which RBAC takes for the namespace of the request
	}
	a.Calls = append(a.Calls, c)
	return nil
}

// Rights are what a program may do: the rules of Roles, in namespaces that
// consented, and those of ClusterRoles, anywhere.
type Rights struct{ InNamespaces, Anywhere []rbacv1.PolicyRule }

// Beyond are the calls that no right allows, each kind once, and writes into
// namespaces that never consented.
func (a Audit) Beyond(rights Rights) []string {
	var out []string
	add := func(text string) {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	for _, c := range a.Calls {
		own := c.Namespace != "" && a.Consented[c.Namespace]
		if allowed := allows(rights.Anywhere, c) || own && allows(rights.InNamespaces, c); !allowed {
			add(c.String() + ": no shipped Role has it")
		}
		if writes := !slices.Contains([]string{"get", "list", "watch"}, c.Verb); writes && c.Namespace != "" && !own &&
			c.Resource != "namespaces" {
			add(c.String() + ": a write where nobody consented")
		}
	}
	return out
}

func allows(rules []rbacv1.PolicyRule, c Call) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.APIGroups, c.Group) && slices.Contains(r.Resources, c.Resource) &&
			slices.Contains(r.Verbs, c.Verb) && (len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, c.Name))
	})
}
