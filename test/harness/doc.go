// Package harness prepares a cluster for end-to-end tests and the demo: it
// makes annotated namespaces, users with exactly the shipped Role, and pods
// that get a container or a fault injected by a real webhook. It is no part of
// the product.
package harness
