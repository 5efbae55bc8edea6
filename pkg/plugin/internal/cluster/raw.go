package cluster

import (
	"context"
	"fmt"
	"io"
	"net/url"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Raw returns the body of a path of the API server, which may be one that it
// hands on to a kubelet or to an aggregated API. More than limit bytes are an
// error. A failure is in the API server's own words.
func (c *Client) Raw(ctx context.Context, path string, query url.Values, limit int64) ([]byte, error) {
	request := c.clientset.Discovery().RESTClient().Get().AbsPath(path)
	for key, values := range query {
		for _, v := range values {
			request.Param(key, v)
		}
	}
	stream, err := request.Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer func() { _ = stream.Close() }()
	body, err := io.ReadAll(io.LimitReader(stream, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("read %s: more than %d bytes", path, limit)
	}
	return body, nil
}

// PodNames lists the names of the pods that a label selector selects.
func (c *Client) PodNames(ctx context.Context, namespace, selector string) ([]string, error) {
	var names []string
	err := pages(ctx, metav1.ListOptions{LabelSelector: selector}, c.clientset.CoreV1().Pods(namespace).List,
		func(l *corev1.PodList) {
			for _, pod := range l.Items {
				names = append(names, pod.Name)
			}
		})
	if err != nil {
		return nil, fmt.Errorf("list pods with %s in namespace %s: %w", selector, namespace, err)
	}
	return names, nil
}

// NodeNames lists the names of all nodes.
func (c *Client) NodeNames(ctx context.Context) ([]string, error) {
	var names []string
	err := pages(ctx, metav1.ListOptions{}, c.clientset.CoreV1().Nodes().List, func(l *corev1.NodeList) {
		for _, node := range l.Items {
			names = append(names, node.Name)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	return names, nil
}
