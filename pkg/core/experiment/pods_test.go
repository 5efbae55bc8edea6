package experiment

import (
	"fmt"
	"strings"
	"testing"
)

func TestPodsThatCannotBeOrMustNotBeAreRefused(t *testing.T) {
	many := strings.Builder{}
	for i := range 100_000 {
		fmt.Fprintf(&many, "k%d: v, ", i)
	}
	for pods, says := range map[string]string{
		"labels: {meshbench.dev/run-id: other}":                                               "is meshbench's own",
		"labels: {more.meshbench.dev/x: other}":                                               "is meshbench's own",
		"labels: {app.kubernetes.io/component: target}":                                       "is meshbench's own",
		"annotations: {karpenter.sh/do-not-disrupt: \"false\"}":                               "is meshbench's own",
		"arms: {mesh: {labels: {meshbench.dev/arm: plain}}}":                                  "spec.pods.arms.mesh.labels",
		"arms: {\"no arm\": {labels: {a: b}}}":                                                "is no arm's name",
		"labels: {\"a b\": c}":                                                                "spec.pods.labels",
		"labels: {a: \"b c\"}":                                                                "spec.pods.labels",
		"annotations: {container.apparmor.security.beta.kubernetes.io/meshbench: unconfined}": "Pod Security",
		"annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}":                 "Pod Security",
		"tolerations: [{operator: Exists}]":                                                   "names no key",
		"tolerations: [{key: virtual-kubelet.io/provider, operator: Exists}]":                 "no machines",
		"tolerations: [{key: eks.amazonaws.com/compute-type, value: fargate}]":                "no machines",
		"tolerations: [{key: a, operator: Exists, value: b}]":                                 "leave out value",
		"tolerations: [{key: a, operator: Perhaps}]":                                          "operator",
		"tolerations: [{key: a, effect: Perhaps}]":                                            "effect",
		"nodeSelector: {kubernetes.io/os: windows}":                                           "for linux",
		"priorityClassName: system-node-critical":                                             "push nothing off",
		"serviceAccountName: \"a b\"":                                                         "spec.pods.serviceAccountName",
		"imagePullSecrets: [a, a]":                                                            "given twice",
		"ephemeralStorage: 0":                                                                 "spec.pods.ephemeralStorage",
		"ephemeralStorage: 2Ti":                                                               "spec.pods.ephemeralStorage",
		"resources: {cpu: 1}":                                                                 "spec.load",
		"resources: {ephemeral-storage: 1Gi}":                                                 "spec.pods.ephemeralStorage",
		"resources: {example.com/card: 500m}":                                                 "whole number",
		"resources: {example.com/card: 0}":                                                    "whole number",
		"labels: {" + many.String() + "}":                                                     "want at most 50",
		"hostNetwork: true":                                                                   "no such field",
	} {
		e, err := Parse([]byte(head + "spec: {pods: {" + pods + "}}"))
		if err == nil {
			_, err = Resolve(e)
		}
		if err == nil || !strings.Contains(err.Error(), says) || len(err.Error()) > 1000 {
			t.Errorf("%.80s: %.300v; want %q", pods, err, says)
		}
	}
}

func TestPodsOfEveryKindAreTaken(t *testing.T) {
	e, err := Parse([]byte(head + `spec: {pods: {labels: {team: a}, annotations: {note: "b c: d"},
  arms: {with-mesh: {labels: {sidecar.istio.io/inject: "true"}}},
  tolerations: [{key: dedicated, value: mesh, effect: NoSchedule}],
  nodeSelector: {pool: bench, kubernetes.io/os: linux}, priorityClassName: batch, runtimeClassName: kata,
  serviceAccountName: bench, imagePullSecrets: [a, b], ephemeralStorage: 1Gi, resources: {example.com/card: 1}}}`))
	if err == nil {
		_, err = Resolve(e)
	}
	if err != nil {
		t.Error(err)
	}
}
