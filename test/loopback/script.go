package loopback

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Script are the refusals that a run of six trials must live through without
// losing one: a load balancer without a backend, a token that is being rotated,
// requests that come too fast, connections that are cut, and answers that are
// late, each from another load pod on.
func Script() []Fault {
	lasts := func(d time.Duration) metav1.Duration { return metav1.Duration{Duration: d} }
	return []Fault{
		{Path: "/api", FromLoadPod: 1, Lasts: lasts(2 * time.Second), Code: 502, ContentType: "text/html",
			Body: "<html>502 Bad Gateway</html>"},
		{Path: "/api", FromLoadPod: 2, Lasts: lasts(2 * time.Second), Code: 401, Body: "Unauthorized"},
		{Path: "/api", FromLoadPod: 3, Times: 3, Code: 429, Body: "too many requests"},
		{Path: "/api", FromLoadPod: 4, Lasts: lasts(2 * time.Second)},
		{Path: "/api", FromLoadPod: 5, Times: 4, Delay: lasts(time.Second)},
	}
}
