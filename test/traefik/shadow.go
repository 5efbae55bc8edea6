package main

import (
	"fmt"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// What Traefik Mesh's controller calls things: pkg/controller/service.go,
// pkg/annotations/annotations.go and pkg/provider of v1.4.8.
const (
	// firstPort is the proxies' entry point for the first port of a Service; the
	// second port has the next, and no Service more than maxPorts.
	firstPort, maxPorts = 5000, 10

	annotationType   = "mesh.traefik.io/traffic-type"
	annotationScheme = "mesh.traefik.io/scheme"
)

func isShadow(s *corev1.Service) bool {
	return s.Labels["app"] == "maesh" && s.Labels["type"] == "shadow"
}

// isServed tells whether the proxies stand before a Service: one of HTTP with an
// address, outside of their own namespace and the control plane's.
func isServed(s *corev1.Service, own string) bool {
	kind := s.Annotations[annotationType]
	return s.Namespace != own && s.Namespace != metav1.NamespaceSystem && (kind == "" || kind == "http") &&
		s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone
}

// shadowOf is the Service that leads to the proxies in place of s.
func shadowOf(s *corev1.Service, own string) *corev1.Service {
	shadow := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Name:   fmt.Sprintf("%s-%s-6d61657368-%s", own, s.Name, s.Namespace),
			Labels: map[string]string{"app": "maesh", "type": "shadow"},
		},
		Spec: corev1.ServiceSpec{Selector: map[string]string{"component": "maesh-mesh"}},
	}
	for i, p := range s.Spec.Ports {
		if i < maxPorts {
			shadow.Spec.Ports = append(shadow.Spec.Ports, corev1.ServicePort{Name: p.Name, Port: p.Port,
				Protocol: p.Protocol, TargetPort: intstr.FromInt(firstPort + i)})
		}
	}
	return shadow
}

// configuration is the part of Traefik's dynamic configuration that is needed.
type configuration struct {
	HTTP httpConfiguration `json:"http"`
}

type httpConfiguration struct {
	Routers  map[string]router  `json:"routers"`
	Services map[string]service `json:"services"`
}

type router struct {
	EntryPoints []string `json:"entryPoints"`
	Service     string   `json:"service"`
	Rule        string   `json:"rule"`
}

type service struct {
	LoadBalancer loadBalancer `json:"loadBalancer"`
}

type loadBalancer struct {
	Servers        []server `json:"servers"`
	PassHostHeader bool     `json:"passHostHeader"`
}

type server struct {
	URL string `json:"url"`
}

// configurationOf is what the proxies serve: each port of each Service by its
// name in the mesh and by its address.
func configurationOf(services []*corev1.Service, slices []*discoveryv1.EndpointSlice) configuration {
	c := configuration{HTTP: httpConfiguration{
		Routers: map[string]router{
			"readiness": {EntryPoints: []string{"readiness"}, Service: "readiness", Rule: "Path(`/ping`)"},
		},
		Services: map[string]service{"readiness": {loadBalancer{[]server{{"http://127.0.0.1:8080"}}, true}}},
	}}
	for _, s := range services {
		for i, p := range s.Spec.Ports {
			if i >= maxPorts {
				break
			}
			key := fmt.Sprintf("%s-%s-%d", s.Namespace, s.Name, p.Port)
			c.HTTP.Routers[key] = router{
				EntryPoints: []string{fmt.Sprintf("http-%d", firstPort+i)},
				Service:     key,
				Rule:        fmt.Sprintf("Host(`%s.%s.traefik.mesh`) || Host(`%s`)", s.Name, s.Namespace, s.Spec.ClusterIP),
			}
			c.HTTP.Services[key] = service{loadBalancer{serversOf(s, p, slices), true}}
		}
	}
	return c
}

// serversOf are the ready endpoints of a Service's port, in the scheme that its
// annotation names.
func serversOf(s *corev1.Service, p corev1.ServicePort, slices []*discoveryv1.EndpointSlice) []server {
	scheme := s.Annotations[annotationScheme]
	if scheme == "" {
		scheme = "http"
	}
	servers := []server{}
	for _, slice := range slices {
		if slice.Namespace != s.Namespace || slice.Labels[discoveryv1.LabelServiceName] != s.Name {
			continue
		}
		for _, port := range slice.Ports {
			if port.Port == nil || port.Name == nil || *port.Name != p.Name {
				continue
			}
			for _, e := range slice.Endpoints {
				if len(e.Addresses) > 0 && (e.Conditions.Ready == nil || *e.Conditions.Ready) {
					servers = append(servers, server{scheme + "://" +
						net.JoinHostPort(e.Addresses[0], strconv.Itoa(int(*port.Port)))})
				}
			}
		}
	}
	return servers
}
