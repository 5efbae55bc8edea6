package main

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func echo(scheme string) *corev1.Service {
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "svc", Namespace: "ns", Annotations: map[string]string{}},
		Spec: corev1.ServiceSpec{ClusterIP: "10.1.2.3", Ports: []corev1.ServicePort{{Name: "a", Port: 80},
			{Name: "b", Port: 81}}}}
	if scheme != "" {
		s.Annotations[annotationScheme] = scheme
	}
	return s
}

// Names, ports and rules are those that Traefik Mesh's own fixtures hold.
func TestAServiceHasAShadowAndARoute(t *testing.T) {
	shadow := shadowOf(echo(""), "traefik-mesh")
	if shadow.Name != "traefik-mesh-svc-6d61657368-ns" || len(shadow.Spec.Ports) != 2 ||
		shadow.Spec.Ports[1].TargetPort.IntValue() != 5001 || shadow.Spec.Ports[1].Port != 81 ||
		!isShadow(shadow) {
		t.Errorf("shadow %+v", shadow)
	}
	ready, not, name, port := true, false, "b", int32(8079)
	slices := []*discoveryv1.EndpointSlice{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Labels: map[string]string{discoveryv1.LabelServiceName: "svc"}},
		Ports:      []discoveryv1.EndpointPort{{Name: &name, Port: &port}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{"10.2.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}},
			{Addresses: []string{"10.2.0.2"}, Conditions: discoveryv1.EndpointConditions{Ready: &not}},
			{Addresses: []string{"fd00::1"}},
		},
	}}
	c := configurationOf([]*corev1.Service{echo("h2c")}, slices)
	got := c.HTTP.Routers["ns-svc-81"]
	want := router{EntryPoints: []string{"http-5001"}, Service: "ns-svc-81",
		Rule: "Host(`svc.ns.traefik.mesh`) || Host(`10.1.2.3`)"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("router %+v, want %+v", got, want)
	}
	servers := c.HTTP.Services["ns-svc-81"].LoadBalancer.Servers
	if !reflect.DeepEqual(servers, []server{{"h2c://10.2.0.1:8079"}, {"h2c://[fd00::1]:8079"}}) {
		t.Errorf("servers %v", servers)
	}
	if servers := c.HTTP.Services["ns-svc-80"].LoadBalancer.Servers; servers == nil || len(servers) > 0 {
		t.Errorf("a port without endpoints has servers %v, want an empty list", servers)
	}
}

func TestWhatTheProxiesDoNotServe(t *testing.T) {
	for name, change := range map[string]func(*corev1.Service){
		"their own":   func(s *corev1.Service) { s.Namespace = "traefik-mesh" },
		"the system":  func(s *corev1.Service) { s.Namespace = "kube-system" },
		"headless":    func(s *corev1.Service) { s.Spec.ClusterIP = corev1.ClusterIPNone },
		"no address":  func(s *corev1.Service) { s.Spec.ClusterIP = "" },
		"of tcp only": func(s *corev1.Service) { s.Annotations[annotationType] = "tcp" },
	} {
		s := echo("")
		if !isServed(s, "traefik-mesh") {
			t.Fatal("a Service of HTTP is not served")
		}
		if change(s); isServed(s, "traefik-mesh") {
			t.Errorf("%s: served", name)
		}
	}
}
