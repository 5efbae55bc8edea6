package cluster

// Kubeconfigs may name the auth-provider oidc; the others are gone from client-go.
import _ "k8s.io/client-go/plugin/pkg/client/auth/oidc"
