package cluster

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// metadataOnly asks for an object without its content.
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

// HasSecret reports whether there is such a secret. What is in it stays with the
// API server.
func (c *Client) HasSecret(ctx context.Context, namespace, name string) (bool, error) {
	err := c.clientset.CoreV1().RESTClient().Get().Namespace(namespace).Resource("secrets").Name(name).
		SetHeader("Accept", metadataOnly).Do(ctx).Error()
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for secret %s in namespace %s: %w", name, namespace, err)
	}
	return true, nil
}
