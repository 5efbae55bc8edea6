package cli

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/meter"
)

// prometheusFlags say where a Prometheus is and how it lets one in. No flag
// takes a secret itself: lists of processes show flags to everybody.
type prometheusFlags struct {
	url, service, token, ca string
	headers, matchers       []string
}

const (
	tokenOfUser   = "kubeconfig"
	tokenFile     = "file:"
	tokenSecret   = "secret:"
	mostFileBytes = 1 << 20
)

func (f *prometheusFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.url, "prometheus-url", "", "A Prometheus that scrapes the kubelets")
	flags.StringVar(&f.service, "prometheus-service", "",
		"The same as NAMESPACE/NAME:PORT, through the API server")
	flags.StringArrayVar(&f.matchers, "prometheus-matcher", nil,
		`Only series with this label, where a Prometheus holds several clusters: 'cluster="b"'`)
	flags.StringVar(&f.token, "prometheus-token", "",
		"Bearer token for --prometheus-url: file:PATH, secret:NAMESPACE/NAME[:KEY], or kubeconfig for that of its user")
	flags.StringArrayVar(&f.headers, "prometheus-header", nil,
		"Header for Prometheus, such as X-Scope-OrgID=TENANT; NAME=@FILE reads the value from a file")
	flags.StringVar(&f.ca, "prometheus-ca", "", "File with the certificate authorities of --prometheus-url")
}

func (f *prometheusFlags) named() bool { return f.url != "" || f.service != "" }

// matcherForm is one PromQL label matcher. What a string holds is Prometheus'
// business; it cannot end early.
func matcherForm() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*(=|!=|=~|!~)"([^"\\\n]|\\.)*"$`)
}

func headerForm() *regexp.Regexp {
	return regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+=[^\\r\\n]+$")
}

func (f *prometheusFlags) check(unused bool) error {
	switch {
	case f.url != "" && f.service != "":
		return usagef("give --prometheus-url or --prometheus-service, not both")
	case !f.named() && (f.token != "" || f.ca != "" || len(f.headers)+len(f.matchers) > 0):
		return usagef("--prometheus-matcher, -token, -header and -ca need --prometheus-url or --prometheus-service")
	case f.named() && unused:
		return usagef("--resources none reads no Prometheus: leave one of them out")
	case f.service != "" && (f.token != "" || f.ca != ""):
		return usagef("the API server takes no --prometheus-token or --prometheus-ca along:" +
			" forward a port to the Service and give --prometheus-url")
	}
	for _, m := range f.matchers {
		if !matcherForm().MatchString(m) {
			return usagef("--prometheus-matcher %q is no label matcher such as 'cluster=\"b\"'", m)
		}
	}
	for _, h := range f.headers {
		if !headerForm().MatchString(h) {
			return usagef("a --prometheus-header is not NAME=VALUE")
		}
	}
	if f.service != "" {
		if _, err := kube.ParseService(f.service); err != nil {
			return usagef("--prometheus-service: %w", err)
		}
	}
	if err := f.checkAddress(); err != nil {
		return err
	}
	return f.readable()
}

// readable refuses files that cannot be read before anything is asked of a cluster.
func (f *prometheusFlags) readable() error {
	files := []struct{ flag, path string }{{"--prometheus-ca", f.ca}}
	if path, ok := strings.CutPrefix(f.token, tokenFile); ok {
		files = append(files, struct{ flag, path string }{"--prometheus-token", path})
	}
	for _, h := range f.headers {
		name, value, _ := strings.Cut(h, "=")
		if path, ok := strings.CutPrefix(value, "@"); ok {
			files = append(files, struct{ flag, path string }{"--prometheus-header " + name, path})
		}
	}
	for _, file := range files {
		if file.path == "" {
			continue
		}
		if _, err := readSecret(file.path); err != nil {
			return usagef("%s: %w", file.flag, err)
		}
	}
	return nil
}

// checkAddress repeats no part of an address that may be a secret.
func (f *prometheusFlags) checkAddress() error {
	if f.url == "" {
		return nil
	}
	u, err := url.Parse(f.url)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usagef("--prometheus-url is no http or https address")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return usagef("--prometheus-url holds credentials or a query, which lists of processes show to everybody:" +
			" use --prometheus-token file:PATH or --prometheus-header NAME=@FILE")
	}
	plain := u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback()
	if f.token != "" && plain {
		return usagef("--prometheus-token would cross the network in the clear: give an https address, or forward a port")
	}
	valid := f.token == "" || f.token == tokenOfUser
	for _, prefix := range []string{tokenFile, tokenSecret} {
		valid = valid || strings.HasPrefix(f.token, prefix) && len(f.token) > len(prefix)
	}
	if namespace, rest, ok := strings.Cut(strings.TrimPrefix(f.token, tokenSecret), "/"); strings.HasPrefix(f.token,
		tokenSecret) && (!ok || namespace == "" || rest == "" || strings.HasPrefix(rest, ":")) {
		valid = false
	}
	if !valid {
		return usagef("--prometheus-token is neither file:PATH nor secret:NAMESPACE/NAME[:KEY] nor kubeconfig")
	}
	return nil
}

// open returns the source, which has answered once: one that was named and
// gives nothing is found before the run.
func (f *prometheusFlags) open(ctx context.Context, client *cluster.Client) (meter.Source, error) {
	access, err := f.access(ctx, client)
	if err != nil {
		return nil, err
	}
	source, err := meter.Prometheus(access)
	if err != nil {
		return nil, err
	}
	if err := meter.Check(ctx, source); err != nil {
		return nil, fmt.Errorf("the Prometheus that was named cannot be used: %w", err)
	}
	return source, nil
}

func (f *prometheusFlags) access(ctx context.Context, client *cluster.Client) (meter.PrometheusAccess, error) {
	a := meter.PrometheusAccess{Address: f.url, Matchers: f.matchers, Headers: map[string]string{}}
	for _, h := range f.headers {
		name, value, _ := strings.Cut(h, "=")
		if file, ok := strings.CutPrefix(value, "@"); ok {
			content, err := readSecret(file)
			if err != nil {
				return a, fmt.Errorf("--prometheus-header %s: %w", name, err)
			}
			value = content
		}
		a.Headers[name] = value
	}
	if f.ca != "" {
		content, err := readSecret(f.ca)
		if err != nil {
			return a, fmt.Errorf("--prometheus-ca: %w", err)
		}
		a.CA = []byte(content)
	}
	if f.service != "" {
		service, err := kube.ParseService(f.service)
		if err != nil {
			return a, err
		}
		address, through, err := client.Proxy(service)
		a.Address, a.Through = address, through
		return a, err
	}
	return a, f.authorise(ctx, client, &a)
}

func (f *prometheusFlags) authorise(ctx context.Context, client *cluster.Client,
	a *meter.PrometheusAccess) (err error) {
	switch {
	case f.token == tokenOfUser:
		through, err := client.AsUser(a.CA)
		if err != nil {
			return fmt.Errorf("--prometheus-token kubeconfig: %w", err)
		}
		a.Through = through
	case strings.HasPrefix(f.token, tokenFile):
		a.Token, err = readSecret(strings.TrimPrefix(f.token, tokenFile))
	case f.token != "":
		namespace, rest, _ := strings.Cut(strings.TrimPrefix(f.token, tokenSecret), "/")
		name, key, _ := strings.Cut(rest, ":")
		a.Token, err = client.SecretValue(ctx, namespace, name, key)
	}
	a.Token = strings.TrimSpace(a.Token)
	if err != nil {
		return fmt.Errorf("--prometheus-token: %w", err)
	}
	return nil
}

// readSecret reads a small file, without the end of its last line.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > mostFileBytes {
		return "", fmt.Errorf("%s is larger than %d bytes", path, mostFileBytes)
	}
	data, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(data))) == 0 {
		err = fmt.Errorf("%s is empty", path)
	}
	return strings.TrimRight(string(data), "\r\n"), err
}
