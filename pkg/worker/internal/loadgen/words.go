package loadgen

import (
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// maxWords is how much is kept of what an answer says, and maxTold of how many
	// of its headers.
	maxWords = 120
	maxTold  = 12
)

// telling reports whether a header tells who answered and why; name is in lower
// case. No other is kept: what they carry may be secret.
func telling(name string) bool {
	return strings.HasPrefix(name, "x-envoy-") || slices.Contains([]string{
		"server", "l5d-proxy-error", "l5d-proxy-connection", "via", "retry-after", "proxy-status", "x-kuma-error",
		"grpc-status", "grpc-message",
	}, name)
}

// failedAnswer is what an answer said, cleaned; nil if it said nothing.
func failedAnswer(headers []string, body, message string) *v1alpha1.FailedAnswer {
	a := &v1alpha1.FailedAnswer{Body: clean(body), Message: clean(message)}
	for _, h := range headers {
		if len(a.Headers) < maxTold {
			a.Headers = append(a.Headers, clean(h))
		}
	}
	slices.Sort(a.Headers)
	if len(a.Headers) == 0 && a.Body == "" && a.Message == "" {
		return nil
	}
	return a
}

// clean takes control characters out, and everything beyond maxWords characters.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) }),
		" ")
	if letters := []rune(text); len(letters) > maxWords {
		return string(letters[:maxWords])
	}
	return text
}

// words are what an answer of HTTP/1 said.
func (r *answerReader) words() *v1alpha1.FailedAnswer {
	var headers []string
	for line := range strings.Lines(string(r.head)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if name = strings.ToLower(name); ok && telling(name) {
			headers = append(headers, name+": "+strings.TrimSpace(value))
		}
	}
	return failedAnswer(headers, string(r.start), "")
}

// wordsOf are what an answer with these headers said.
func wordsOf(header map[string][]string, body string) *v1alpha1.FailedAnswer {
	var headers []string
	for name, values := range textproto.MIMEHeader(header) {
		if name = strings.ToLower(name); telling(name) && len(values) > 0 {
			headers = append(headers, name+": "+values[0])
		}
	}
	return failedAnswer(headers, body, "")
}
