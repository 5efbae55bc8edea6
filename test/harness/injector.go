package harness

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	injectorNamespace = "meshbench-test-injector"
	injectorName      = "injector"
	injectorPort      = 8443
	labelApp          = "app"
)

// Injector is a running webhook that changes pods of chosen namespaces.
type Injector struct {
	harness *Harness
	ca      []byte
}

// StartInjector runs the injector with these patches, by name, in place of one
// that ran before, and waits until it answers.
func (h *Harness) StartInjector(ctx context.Context, patches map[string]string) (*Injector, error) {
	core := h.Clientset.CoreV1()
	if err := h.removeInjector(ctx); err != nil {
		return nil, err
	}
	cert, key, err := selfSigned(injectorName + "." + injectorNamespace + ".svc")
	if err != nil {
		return nil, fmt.Errorf("injector's certificate: %w", err)
	}
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: injectorNamespace, Labels: map[string]string{labelApp: injectorName}}
	}
	if _, err := h.Create(ctx, Namespace{Name: injectorNamespace}); err != nil {
		return nil, err
	}
	if _, err := core.Secrets(injectorNamespace).Create(ctx,
		&corev1.Secret{ObjectMeta: meta("tls"), Data: map[string][]byte{"tls.crt": cert, "tls.key": key}},
		metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	if _, err := core.ConfigMaps(injectorNamespace).Create(ctx,
		&corev1.ConfigMap{ObjectMeta: meta("patches"), Data: patches}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	if _, err := core.Services(injectorNamespace).Create(ctx,
		&corev1.Service{ObjectMeta: meta(injectorName), Spec: corev1.ServiceSpec{
			Selector: map[string]string{labelApp: injectorName},
			Ports:    []corev1.ServicePort{{Port: 443, TargetPort: intstr.FromInt32(injectorPort)}},
		}}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	if _, err := core.Pods(injectorNamespace).Create(ctx, h.injectorPod(meta(injectorName)),
		metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	err = h.Await(ctx, "the injector is ready", func(ctx context.Context) (bool, error) {
		pod, err := core.Pods(injectorNamespace).Get(ctx, injectorName, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, c := range pod.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return &Injector{harness: h, ca: cert}, nil
}

// Apply makes the API server send pods with those labels, in namespaces with
// a label of that name, to the injector's path ("/patch/NAME" or "/refuse"). It
// returns when it is seen to work, and what to label namespaces with.
func (i *Injector) Apply(ctx context.Context, name, path string, podLabels map[string]string) (map[string]string,
	error) {
	hook, label := i.hook(name, path, podLabels)
	hooks := i.harness.Clientset.AdmissionregistrationV1().MutatingWebhookConfigurations()
	if err := hooks.Delete(ctx, hook.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return nil, err
	}
	if _, err := hooks.Create(ctx, hook, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("create webhook %s: %w", name, err)
	}
	return label, i.harness.awaitWebhook(ctx, label, podLabels)
}

// hook is a webhook's configuration and the label of the namespaces it is for.
func (i *Injector) hook(name, path string,
	podLabels map[string]string) (*admissionregistrationv1.MutatingWebhookConfiguration, map[string]string) {
	label := map[string]string{"test.meshbench.dev/inject-" + name: "true"}
	fail, none, timeout, port := admissionregistrationv1.Fail, admissionregistrationv1.SideEffectClassNone, int32(10),
		int32(443)
	return &admissionregistrationv1.MutatingWebhookConfiguration{
		// Webhooks are called in the order of names: this one before those of meshes.
		ObjectMeta: metav1.ObjectMeta{Name: "a-meshbench-test-" + name, Labels: map[string]string{labelApp: injectorName}},
		Webhooks: []admissionregistrationv1.MutatingWebhook{{
			Name: name + ".injector.meshbench.dev",
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				CABundle: i.ca,
				Service: &admissionregistrationv1.ServiceReference{Namespace: injectorNamespace, Name: injectorName, Path: &path,
					Port: &port},
			},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule: admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"},
					Resources: []string{"pods"}},
			}},
			FailurePolicy:           &fail,
			SideEffects:             &none,
			TimeoutSeconds:          &timeout,
			AdmissionReviewVersions: []string{"v1"},
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: label},
			ObjectSelector:          &metav1.LabelSelector{MatchLabels: podLabels},
		}},
	}, label
}

// awaitWebhook waits until the API server, whose view of webhooks lags, sends
// it a pod: a server-side dry run comes back changed or refused.
func (h *Harness) awaitWebhook(ctx context.Context, label, podLabels map[string]string) error {
	trial, err := h.Create(ctx, Namespace{Prefix: "webhook-trial", Labels: label})
	if err != nil {
		return err
	}
	defer func() { _ = h.Remove(context.WithoutCancel(ctx), trial) }()
	return h.Await(ctx, "the webhook is called", func(ctx context.Context) (bool, error) {
		pod := h.injectorPod(metav1.ObjectMeta{Name: "trial", Namespace: trial, Labels: podLabels,
			Annotations: map[string]string{labelApp: injectorName}})
		pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{Name: "http", ContainerPort: 8080},
			{Name: "h2c", ContainerPort: 8078}, {Name: "grpc", ContainerPort: 8079}}
		before := pod.DeepCopy()
		after, err := h.Clientset.CoreV1().Pods(trial).Create(ctx, pod,
			metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return !apierrors.IsInternalError(err) && !isNoAccountYet(err), nil
		}
		return len(after.Spec.Containers) != len(before.Spec.Containers) || len(after.Spec.InitContainers) > 0 ||
			len(after.Spec.Containers[0].Env) > 0 || after.Spec.HostNetwork || len(after.Labels) > len(before.Labels) ||
			len(after.Annotations) > len(before.Annotations), nil
	})
}

// isNoAccountYet: a new namespace refuses pods until its service account is made.
func isNoAccountYet(err error) bool {
	status, ok := err.(apierrors.APIStatus)
	return ok && status.Status().Details != nil && status.Status().Details.Kind == "serviceaccounts"
}

// Stop removes the injector and its webhooks.
func (i *Injector) Stop(ctx context.Context) error { return i.harness.removeInjector(ctx) }

func (h *Harness) removeInjector(ctx context.Context) error {
	ours := metav1.ListOptions{LabelSelector: labelApp + "=" + injectorName}
	if err := h.Clientset.AdmissionregistrationV1().MutatingWebhookConfigurations().DeleteCollection(ctx,
		metav1.DeleteOptions{}, ours); err != nil {
		return fmt.Errorf("remove webhooks: %w", err)
	}
	err := h.Clientset.CoreV1().Namespaces().Delete(ctx, injectorNamespace, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove the injector: %w", err)
	}
	return h.Await(ctx, "the injector is gone", func(ctx context.Context) (bool, error) {
		_, err := h.Clientset.CoreV1().Namespaces().Get(ctx, injectorNamespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	})
}

func (h *Harness) injectorPod(meta metav1.ObjectMeta) *corev1.Pod {
	yes, no, user, grace := true, false, int64(65532), int64(1)
	return &corev1.Pod{
		ObjectMeta: meta,
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: &grace,
			AutomountServiceAccountToken:  &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Volumes: []corev1.Volume{
				{Name: "tls", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "tls"}}},
				{Name: "patches",
					VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
						LocalObjectReference: corev1.LocalObjectReference{Name: "patches"}}}},
			},
			Containers: []corev1.Container{{
				Name: injectorName, Image: h.InjectorImage, ImagePullPolicy: corev1.PullIfNotPresent,
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
				VolumeMounts: []corev1.VolumeMount{{Name: "tls", MountPath: "/tls"}, {Name: "patches", MountPath: "/patches"}},
				ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
					Path: "/healthz", Port: intstr.FromInt32(injectorPort), Scheme: corev1.URISchemeHTTPS,
				}}},
			}},
		},
	}
}

// Await waits for a condition, and says which one did not come.
func (h *Harness) Await(ctx context.Context, what string, met wait.ConditionWithContextFunc) error {
	const limit, pause = 60 * time.Second, 200 * time.Millisecond
	if err := wait.PollUntilContextTimeout(ctx, pause, limit, true, met); err != nil {
		return fmt.Errorf("waited until %s: %w", what, err)
	}
	return nil
}

func selfSigned(host string) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), nil
}
