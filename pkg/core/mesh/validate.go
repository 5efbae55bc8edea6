package mesh

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// validate checks what types cannot. Errors name the field.
func (m Mesh) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`).MatchString(m.ID),
		"metadata.name is %q, want a DNS label", m.ID)
	check(m.Title != "", "spec.title is empty")
	check(oneOf(m.Support, SupportMeasure, SupportDetect, SupportNamed),
		"spec.support is %q, want measure, detect or named", m.Support)
	check(oneOf(m.Lifecycle.State, StateMaintained, StateUnmaintained, StateArchived, StateEnded, StateUnknown),
		"spec.lifecycle.state is %q, want maintained, unmaintained, archived, ended or unknown", m.Lifecycle.State)
	if m.Lifecycle.Since != "" {
		_, err := time.Parse(time.DateOnly, m.Lifecycle.Since)
		check(err == nil, "spec.lifecycle.since is %q, want a day such as 2026-09-30", m.Lifecycle.Since)
	}
	for i, x := range m.Measured {
		check(x.Version != "" && x.How != "", "spec.measured[%d]: want version and how", i)
	}
	for i, s := range m.Sources {
		check(oneOf(s.Status, StatusVerified, StatusDocumented, StatusUnverified),
			"spec.sources[%d].status is %q, want verified, verified-doc or unverified", i, s.Status)
		check(len(s.From) > 0 || s.Status == StatusUnverified, "spec.sources[%d].from is empty", i)
	}
	if m.Support == SupportNamed {
		return errors.Join(errs...)
	}
	check(oneOf(m.Architecture, ArchitectureSidecar, ArchitectureNode, ArchitectureNodeWaypoint, ArchitectureKernelNode,
		ArchitectureKernelWaypoint, ArchitectureAgent, ArchitectureApplication, ArchitectureNetwork),
		"spec.architecture is %q, which is not known", m.Architecture)
	check(!m.Architecture.PerPod() || len(m.Pod.Proxies) > 0,
		"spec.pod.proxies is empty, but a %s mesh has a proxy in each pod", m.Architecture)
	check(m.Support != SupportDetect || m.Address.Impossible != "",
		"spec.address.impossible is empty: say why arms of this mesh cannot be measured")
	errs = append(errs, m.validateDetect()...)
	errs = append(errs, m.validateVariants()...)
	errs = append(errs, m.validateCosts()...)
	errs = append(errs, m.validateProof()...)
	for _, s := range m.Fairness.all() {
		for _, b := range s.Before {
			_, err := version.ParseGeneric(b.Version)
			check(err == nil && b.Default != "", "spec.fairness: before: want version, as in 2.14, and default: %v", err)
		}
	}
	for protocol := range m.Address.Ports {
		_, known := wire.ProtocolOf(protocol)
		check(known, "spec.address.ports.%s: no such protocol", protocol)
	}
	return errors.Join(errs...)
}

func (m Mesh) validateDetect() []error {
	var errs []error
	for i, w := range m.Detect.Workloads {
		at := fmt.Sprintf("spec.detect.workloads[%d]", i)
		if !oneOf(w.Kind, "Deployment", "DaemonSet", "StatefulSet") {
			errs = append(errs, fmt.Errorf("%s.kind is %q, want Deployment, DaemonSet or StatefulSet", at, w.Kind))
		}
		if w.Name == "" && len(w.Labels) == 0 {
			errs = append(errs, fmt.Errorf("%s: name or labels are wanted, or it would match everything", at))
		}
		if !oneOf(w.Role, RoleControlPlane, RoleNode, RoleWaypoint) {
			errs = append(errs, fmt.Errorf("%s.role is %q, want control-plane, node or waypoint", at, w.Role))
		}
		if _, err := path.Match(w.Name, ""); err != nil {
			errs = append(errs, fmt.Errorf("%s.name: %w", at, err))
		}
	}
	for i, w := range m.Detect.Webhooks {
		at := fmt.Sprintf("spec.detect.webhooks[%d]", i)
		if w.Name == "" && len(w.Labels) == 0 && w.Webhook == "" {
			errs = append(errs, fmt.Errorf("%s: name, labels or webhook are wanted, or it would match everything", at))
		}
		if _, err := path.Match(w.Name, ""); err != nil {
			errs = append(errs, fmt.Errorf("%s.name: %w", at, err))
		}
	}
	for _, part := range []struct {
		field string
		marks []Marks
	}{
		{"enrol.namespace", m.Enrol.Namespace}, {"enrol.pod", m.Enrol.Pod}, {"pod.marks", m.Pod.Marks},
		{"pod.switchedOff", m.Pod.SwitchedOff},
		{"enrol.optOutNamespace", m.Enrol.OptOutNamespace}, {"enrol.optOutPod", m.Enrol.OptOutPod},
	} {
		if slices.ContainsFunc(part.marks, func(x Marks) bool { return len(x.Labels)+len(x.Annotations) == 0 }) {
			errs = append(errs, fmt.Errorf("spec.%s: an entry has neither labels nor annotations", part.field))
		}
	}
	for i, b := range m.Pod.Bypass {
		if b.Annotation == "" && b.Arg == "" || !oneOf(b.Side, v1alpha1.SideClient, v1alpha1.SideServer) {
			errs = append(errs, fmt.Errorf("spec.pod.bypass[%d]: want annotation or arg, and side client or server", i))
		}
	}
	for _, part := range []struct {
		field   string
		sources []VersionSource
	}{{"controlPlane", m.Versions.ControlPlane}, {"dataPlane", m.Versions.DataPlane}} {
		for i, s := range part.sources {
			set := 0
			for _, text := range []string{s.Image, s.Label, s.Annotation} {
				if text != "" {
					set++
				}
			}
			if set != 1 {
				errs = append(errs, fmt.Errorf("spec.versions.%s[%d]: want one of image, label and annotation", part.field, i))
			}
		}
	}
	return errs
}

func (m Mesh) validateCosts() []error {
	var errs []error
	for i, c := range m.Costs {
		at := fmt.Sprintf("spec.costs[%d]", i)
		if len(c.Sides) == 0 {
			errs = append(errs, fmt.Errorf("%s.sides is empty", at))
		}
		for _, s := range c.Sides {
			if !oneOf(s, v1alpha1.SideClient, v1alpha1.SideServer, v1alpha1.SideNode, v1alpha1.SideWaypoint,
				v1alpha1.SideControlPlane) {
				errs = append(errs, fmt.Errorf("%s.sides: no side %q", at, s))
			}
		}
		if !oneOf(c.Part, v1alpha1.PartProxy, v1alpha1.PartControl, v1alpha1.PartOther) {
			errs = append(errs, fmt.Errorf("%s.part is %q, want proxy, control or other", at, c.Part))
		}
		selects := len(c.Labels)+len(c.LabelKeys) > 0
		if c.InPod() == selects {
			errs = append(errs, fmt.Errorf("%s: containers beside the worker are named, others are selected by labels", at))
		}
		if c.InPod() && c.Container == "" {
			errs = append(errs, fmt.Errorf("%s.container is empty", at))
		}
	}
	return errs
}

func (m Mesh) validateProof() []error {
	var errs []error
	if !oneOf(m.Proof.MTLS, "", MTLSAlways, MTLSConfigured, MTLSNever) {
		errs = append(errs, fmt.Errorf("spec.proof.mtls is %q, want always, configured or never", m.Proof.MTLS))
	}
	for i, h := range m.Proof.Headers {
		at := fmt.Sprintf("spec.proof.headers[%d]", i)
		if !oneOf(h.In, InRequest, InResponse) || h.Name == "" {
			errs = append(errs, fmt.Errorf("%s: want in (request or response) and name", at))
		}
		if !oneOf(h.Shows, ShowsClient, ShowsServer, ShowsBoth) {
			errs = append(errs, fmt.Errorf("%s.shows is %q, want client, server or both", at, h.Shows))
		}
		if h.Value != "" && (h.In != InResponse || h.Name != headerServer) {
			errs = append(errs, fmt.Errorf("%s.value: only that of the response's server header is recorded", at))
		}
	}
	for i, c := range m.Proof.Counters {
		at := fmt.Sprintf("spec.proof.counters[%d]", i)
		if c.Port < 1 || c.Port > 65535 || c.Path == "" || c.Name == "" {
			errs = append(errs, fmt.Errorf("%s: want port, path and name", at))
		}
		if !oneOf(c.Shows, ShowsClient, ShowsServer) {
			errs = append(errs, fmt.Errorf("%s.shows is %q, want client or server", at, c.Shows))
		}
		if !m.Architecture.PerPod() {
			errs = append(errs,
				fmt.Errorf("%s: only a proxy in the pod can be read, and a %s mesh has none", at, m.Architecture))
		}
		if (c.MTLSLabel == "") != (c.MTLSValue == "") || c.Connections != nil && c.Connections.Name == "" {
			errs = append(errs, fmt.Errorf("%s: want mtlsLabel and mtlsValue together, and a name for connections", at))
		}
	}
	return errs
}

const headerServer = "server"

func oneOf[T comparable](value T, allowed ...T) bool { return slices.Contains(allowed, value) }
