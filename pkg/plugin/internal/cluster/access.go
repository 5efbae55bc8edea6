package cluster

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Allowed asks the API server whether the user holds a permission.
func (c *Client) Allowed(ctx context.Context, p kube.Permission) (bool, error) {
	asked := &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: p.Verb, Group: p.Group, Resource: p.Resource, Subresource: p.Subresource, Namespace: p.Namespace,
		}},
	}
	ask := c.clientset.AuthorizationV1().SelfSubjectAccessReviews().Create
	review, err := retriedFor(ctx, c.opening,
		func(ctx context.Context) (*authorizationv1.SelfSubjectAccessReview, error) {
			return ask(ctx, asked, metav1.CreateOptions{})
		})
	if err != nil {
		return false, fmt.Errorf("ask whether you may %s: %w", p, err)
	}
	return review.Status.Allowed, nil
}
