package harness

import (
	"context"
	"fmt"
	"io/fs"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/meshbench/kubectl-meshbench/manifests"
)

// User makes a service account in the first namespace that holds exactly the
// shipped Role in all of them, changed by edit if that is not nil, and writes
// its kubeconfig to path.
func (h *Harness) User(ctx context.Context, path string, edit func(*rbacv1.Role), namespaces ...string) error {
	data, err := fs.ReadFile(manifests.Files, "rbac/role.yaml")
	if err != nil {
		return err
	}
	var role rbacv1.Role
	if err := yaml.UnmarshalStrict(data, &role); err != nil {
		return err
	}
	if edit != nil {
		edit(&role)
	}
	home := namespaces[0]
	account := "user-" + random()
	if _, err := h.Clientset.CoreV1().ServiceAccounts(home).Create(ctx,
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}}, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create service account: %w", err)
	}
	for _, namespace := range namespaces {
		if _, err := h.Clientset.RbacV1().Roles(namespace).Create(ctx, &role, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create role: %w", err)
		}
		binding := &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role.Name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: home, Name: account}},
		}
		if _, err := h.Clientset.RbacV1().RoleBindings(namespace).Create(ctx, binding, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create role binding: %w", err)
		}
	}
	token, err := h.Clientset.CoreV1().ServiceAccounts(home).CreateToken(ctx, account, &authenticationv1.TokenRequest{},
		metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create token: %w", err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["test"] = &clientcmdapi.Cluster{Server: h.Config.Host, CertificateAuthorityData: h.Config.CAData,
		CertificateAuthority: h.Config.CAFile}
	config.AuthInfos["user"] = &clientcmdapi.AuthInfo{Token: token.Status.Token}
	config.Contexts["restricted-user"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "user"}
	config.CurrentContext = "restricted-user"
	return clientcmd.WriteToFile(*config, path)
}
