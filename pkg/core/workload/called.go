package workload

import (
	"fmt"
	"net"
	"path"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Called is a Service of the user's in one arm, as it was found.
type Called struct {
	UID  string
	Port int32
	// MaxRate is what its annotation allows, in requests per second; 0 for any.
	MaxRate v1alpha1.Rate
}

const (
	// filesAt is where values from Secrets and ConfigMaps are in a load pod.
	filesAt    = "/etc/meshbench"
	caVolume   = "meshbench-ca"
	secretName = "meshbench-header-%d"
)

// call is who is called in an arm, and with what. No key of ours proves a Service of
// the user's.
func (r Run) call(arm v1alpha1.Arm) (target string, call *wire.ServiceCall, none wire.Key) {
	s := r.Service
	host := r.Addressing[arm.Name].HostOf(s.Name, arm.Namespace)
	found := r.Called[arm.Name]
	call = &wire.ServiceCall{Method: s.Method, Path: s.Path, Body: s.Body, Status: s.Expect.Status,
		Contains: s.Expect.BodyContains, MaxRate: found.MaxRate, Stop: s.Stop}
	for i, h := range s.Headers {
		of := wire.CallHeader{Name: h.Name, Value: h.Value}
		if h.FromSecret != nil {
			of.File = path.Join(filesAt, fmt.Sprintf(secretName, i), "value")
		}
		call.Headers = append(call.Headers, of)
	}
	if s.TLS != nil {
		call.TLS = &wire.CallTLS{ServerName: s.TLS.ServerName}
		if call.TLS.ServerName == "" {
			call.TLS.ServerName = host
		}
		if s.TLS.CAFrom != nil {
			call.TLS.CAFile = path.Join(filesAt, caVolume, "value")
		}
	}
	return ServiceHost(r, arm), call, none
}

// ServiceHost is the host name and port by which a Service of the user's is called in
// an arm.
func ServiceHost(r Run, arm v1alpha1.Arm) string {
	return net.JoinHostPort(r.Addressing[arm.Name].HostOf(r.Service.Name, arm.Namespace),
		strconv.Itoa(int(r.Called[arm.Name].Port)))
}

// mountFiles gives our container what requests take from Secrets and ConfigMaps. The
// kubelet reads them: the plugin needs no right to.
func mountFiles(pod *corev1.Pod, s v1alpha1.TargetService) {
	mount := func(name string, source corev1.VolumeSource) {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: source})
		pod.Spec.Containers[0].VolumeMounts = append(pod.Spec.Containers[0].VolumeMounts,
			corev1.VolumeMount{Name: name, MountPath: path.Join(filesAt, name), ReadOnly: true})
	}
	for i, h := range s.Headers {
		if k := h.FromSecret; k != nil {
			mount(fmt.Sprintf(secretName, i), corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: k.Name,
				Items: []corev1.KeyToPath{{Key: k.Key, Path: "value"}}}})
		}
	}
	if s.TLS != nil && s.TLS.CAFrom != nil {
		k := s.TLS.CAFrom
		mount(caVolume, corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: k.Name},
			Items:                []corev1.KeyToPath{{Key: k.Key, Path: "value"}}}})
	}
}
