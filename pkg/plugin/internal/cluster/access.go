package cluster

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Permission is one verb on one kind of object in one namespace, or in all of
// them.
type Permission struct {
	Verb string
	// Group is the API group; empty for the core one.
	Group       string
	Resource    string
	Subresource string
	Namespace   string
}

// String reads like kubectl auth can-i: "create pods in namespace shop".
func (p Permission) String() string {
	resource := p.Resource
	if p.Subresource != "" {
		resource += "/" + p.Subresource
	}
	if p.Group != "" {
		resource += "." + p.Group
	}
	if p.Namespace == "" {
		return fmt.Sprintf("%s %s in the whole cluster", p.Verb, resource)
	}
	return fmt.Sprintf("%s %s in namespace %s", p.Verb, resource, p.Namespace)
}

// Allowed asks the API server whether the user holds a permission.
func (c *Client) Allowed(ctx context.Context, p Permission) (bool, error) {
	review, err := c.clientset.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx,
		&authorizationv1.SelfSubjectAccessReview{
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: p.Verb, Group: p.Group, Resource: p.Resource, Subresource: p.Subresource, Namespace: p.Namespace,
			}},
		}, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("ask whether you may %s: %w", p, err)
	}
	return review.Status.Allowed, nil
}
