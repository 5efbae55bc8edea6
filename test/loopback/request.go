package loopback

import (
	"cmp"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// request is what a call of the Kubernetes API asks for.
type request struct {
	verb                                 string
	group, version                       string
	namespace, resource, name, resource2 string
}

// parse reads a path such as /api/v1/namespaces/a/pods/b/log.
func parse(r *http.Request) (request, bool) {
	var q request
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		q.version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		q.group, q.version, parts = parts[1], parts[2], parts[3:]
	default:
		return q, false
	}
	if parts[0] == "namespaces" && len(parts) >= 3 {
		q.namespace, parts = parts[1], parts[2:]
	}
	at := append(parts, "", "")
	q.resource, q.name, q.resource2 = at[0], at[1], strings.Join(parts[min(2, len(parts)):], "/")
	q.verb = verbOf(r, q.name)
	return q, true
}

func verbOf(r *http.Request, name string) string {
	switch r.Method {
	case http.MethodGet:
		if name != "" {
			return "get"
		}
		if r.URL.Query().Get("watch") != "" {
			return "watch"
		}
		return "list"
	case http.MethodPost:
		return "create"
	default:
		return strings.ToLower(r.Method)
	}
}

func (q request) at() place { return place{q.resource, q.namespace, q.name} }

func (q request) apiVersion() string {
	if q.group == "" {
		return q.version
	}
	return q.group + "/" + q.version
}

// permission is what RBAC would be asked for.
func (q request) permission() string {
	resource := q.resource
	if sub, _, _ := strings.Cut(q.resource2, "/"); sub != "" {
		resource += "/" + sub
	}
	return q.verb + " " + resource
}

func (q request) selection(r *http.Request) (selection, error) {
	byLabel, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	byField, err2 := fields.ParseSelector(r.URL.Query().Get("fieldSelector"))
	if err = cmp.Or(err, err2); err != nil {
		return selection{}, err
	}
	return selection{resource: q.resource, namespace: q.namespace, labels: byLabel, fields: byField}, nil
}
