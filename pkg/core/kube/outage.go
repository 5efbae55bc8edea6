package kube

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// OutageLimit is how long an API server may be away before a call gives up.
const OutageLimit = 2 * time.Minute

// IsOutage reports whether err says that the API server was not there, or could
// not work, rather than that it said no. What stands before it may answer with
// any 5xx; 401 comes while a token is being rotated. What admission says, by
// whatever code, it says again.
func IsOutage(err error) bool {
	if err == nil || isAdmission(err) {
		return false
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Code >= 500 {
		return true
	}
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsTimeout(err) ||
		errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrUnexpectedEOF) || utilnet.IsProbableEOF(err) ||
		utilnet.IsHTTP2ConnectionLost(err) || strings.Contains(err.Error(), "http2: server sent GOAWAY") ||
		apierrors.IsUnauthorized(err) || apierrors.IsInternalError(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsTimeout(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServiceUnavailable(err)
}

// isAdmission reports whether a Status is that of a webhook or a policy, or says
// that one could not be asked.
func isAdmission(err error) bool {
	text := err.Error()
	for _, word := range []string{"admission webhook", "calling webhook", "ValidatingAdmissionPolicy",
		"MutatingAdmissionPolicy", "violates PodSecurity"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
