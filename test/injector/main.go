// Command injector is a mutating webhook for tests and the demo. It answers
// every pod with a JSON patch from a file, or refuses it, as the path of its
// configuration says: it stands for what a mesh's injector does to pods. As an
// injected container it stands for a proxy that serves counters, and in a pod of
// its own for a server that redirects, an impostor, or somebody who floods.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	listen := flag.String("listen", ":8443", "address of the webhook")
	tls := flag.String("tls", "/tls", "directory with tls.crt and tls.key")
	patches := flag.String("patches", "/patches", "directory with one JSON patch per file")
	counters := flag.String("counters", "", "a text to serve at /metrics, over HTTP, in place of the webhook")
	redirect := flag.String("redirect", "", "an address to send all requests to, with status 307, in place of the webhook")
	impostor := flag.Bool("impersonate", false, "answer in a target's place, with lies, in place of the webhook")
	flooded := flag.String("flood", "", "an address to ask as fast as it answers, in place of the webhook")
	flag.Parse()
	run := func() error { return serve(*listen, *tls, *patches) }
	if *redirect != "" {
		run = func() error {
			server := &http.Server{Addr: *listen, ReadHeaderTimeout: 10 * time.Second,
				Handler: http.RedirectHandler(*redirect, http.StatusTemporaryRedirect)}
			return server.ListenAndServe()
		}
	}
	if *counters != "" {
		run = func() error { return serveCounters(*listen, *counters) }
	}
	if *impostor {
		run = func() error { return impersonate(context.Background()) }
	}
	if *flooded != "" {
		run = func() error { return flood(context.Background(), *flooded) }
	}
	if err := run(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "injector:", err)
		os.Exit(1)
	}
}

func serve(listen, tls, patches string) error {
	server := &http.Server{Addr: listen, Handler: handler(patches), ReadHeaderTimeout: 10 * time.Second}
	err := server.ListenAndServeTLS(filepath.Join(tls, "tls.crt"), filepath.Join(tls, "tls.key"))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func serveCounters(listen, text string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	server := &http.Server{Addr: listen, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}

func handler(patches string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("POST /patch/{name}", answer(func(r *http.Request, out *admissionv1.AdmissionResponse) error {
		patch, err := os.ReadFile(filepath.Join(patches, filepath.Base(r.PathValue("name"))))
		kind := admissionv1.PatchTypeJSONPatch
		out.Allowed, out.Patch, out.PatchType = true, patch, &kind
		return err
	}))
	mux.HandleFunc("POST /refuse", answer(func(_ *http.Request, out *admissionv1.AdmissionResponse) error {
		out.Result = &metav1.Status{Message: "pods like this are not welcome here", Code: http.StatusForbidden}
		return nil
	}))
	mux.HandleFunc("POST /steer", answer(func(_ *http.Request, out *admissionv1.AdmissionResponse) error {
		out.Result = &metav1.Status{Message: "denied\x1b]0;owned\x07\x1b[2J\r by a webhook", Code: http.StatusForbidden}
		return nil
	}))
	return mux
}

// answer wraps a decision in the protocol of admission reviews.
func answer(decide func(*http.Request, *admissionv1.AdmissionResponse) error) http.HandlerFunc {
	const maxReview = 8 << 20
	return func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(io.LimitReader(r.Body, maxReview)).Decode(&review); err != nil || review.Request == nil {
			http.Error(w, "not an admission review", http.StatusBadRequest)
			return
		}
		response := &admissionv1.AdmissionResponse{UID: review.Request.UID}
		if err := decide(r, response); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		review.Request, review.Response = nil, response
		w.Header().Set("Content-Type", "application/json")
		// A connection that broke is the API server's to report.
		_ = json.NewEncoder(w).Encode(review)
	}
}
