package kube

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestWhatIsAnOutage(t *testing.T) {
	for text, test := range map[string]struct {
		err  error
		want bool
	}{
		"refused":           {syscall.ECONNREFUSED, true},
		"no route":          {fmt.Errorf("dial tcp: %w", syscall.EHOSTUNREACH), true},
		"no network":        {fmt.Errorf("dial tcp: %w", syscall.ENETUNREACH), true},
		"connection lost":   {errors.New("http2: client connection lost"), true},
		"going away":        {errors.New("http2: server sent GOAWAY and closed the connection; LastStreamID=7, ErrCode=NO_ERROR, debug=\"\""), true},
		"etcd has no head":  {apierrors.NewInternalError(errors.New("etcdserver: leader changed")), true},
		"not in time":       {apierrors.NewTimeoutError("request did not complete within requested timeout", 1), true},
		"webhook is broken": {apierrors.NewInternalError(errors.New("failed calling webhook \"x\"")), false},
		"a front's 502": {apierrors.NewGenericServerResponse(502, "get", schema.GroupResource{}, "", "<html>", 0, true),
			true},
		"a plain 500": {apierrors.NewGenericServerResponse(500, "patch", schema.GroupResource{}, "", "oops", 0, true),
			true},
		"its own 500":      {apierrors.NewInternalError(errors.New("no space left on device")), true},
		"token rotated":    {fmt.Errorf("read pod: %w", apierrors.NewUnauthorized("Unauthorized")), true},
		"webhook says 500": {apierrors.NewInternalError(errors.New("admission webhook \"x\" denied the request: no")), false},
		"forbidden":        {apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "x", nil), false},
		"nothing":          {nil, false},
		"not found":        {apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "x"), false},
	} {
		if got := IsOutage(test.err); got != test.want {
			t.Errorf("%s: outage is %v, want %v", text, got, test.want)
		}
	}
}
