package wire

import (
	"crypto/hmac"
	"encoding/hex"
	"strconv"
	"strings"
)

const (
	// markDigits of a token go with every request: enough that nobody guesses them,
	// and few beside a request's own bytes.
	markDigits = 16
	// maxChallenge bounds what a probe may ask a target to seal.
	maxChallenge = 64
)

// Identity derives what a target proves itself with from the key of its frames.
func (k Key) Identity() Key { return k.For("identity") }

// Mark is what a run's requests carry, so that its target tells them from those
// of strangers: in HTTP the path, in a health check the service. It is empty for
// no key, and then all requests are alike.
func (k Key) Mark() string {
	if k.IsZero() {
		return ""
	}
	return k.Token("request")[:markDigits]
}

// MarkNumber is Mark where requests carry a number, which is never negative.
func (k Key) MarkNumber() int64 {
	n, err := strconv.ParseUint(k.Mark(), 16, 64)
	if err != nil { // no key
		return 0
	}
	return int64(n >> 1)
}

// Challenge is what a worker of the run sends with a probe, from a value that
// nobody has used: the run's own probes get a reading of the proxy of their own.
func (k Key) Challenge(nonce string) string {
	sum := k.sum("ask", nonce)
	return nonce + "." + hex.EncodeToString(sum[:sealBytes])
}

// Asked reports whether a challenge comes from a worker of the run.
func (k Key) Asked(challenge string) bool {
	nonce, _, ok := strings.Cut(challenge, ".")
	return ok && len(challenge) <= maxChallenge && hmac.Equal([]byte(k.Challenge(nonce)), []byte(challenge))
}

// Served are the requests that a target has answered or refused.
type Served struct {
	// Own carried the run's mark, on any port, Strangers did not. Probes are
	// counted apart, and what kubelets ask is not.
	Own       int64 `json:"own"`
	Strangers int64 `json:"strangers"`
	Probes    int64 `json:"probes"`
	// Faults are those of Own that the target failed because it was asked to.
	Faults int64 `json:"faults"`
}

// Proof is what a target answers to a challenge with: whoever else stands behind
// the Service's address does not know the key, and what he passes on is what
// the target itself has counted. It is empty for no key, or for a challenge that
// nobody of ours sends.
func (k Key) Proof(challenge string, p Probe) string {
	if k.IsZero() || challenge == "" || len(challenge) > maxChallenge || p.Served == nil {
		return ""
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	sum := k.sum("proof", challenge, p.Pod, p.UID, number(p.Served.Own), number(p.Served.Strangers),
		number(p.Served.Probes), number(p.Served.Faults))
	return hex.EncodeToString(sum[:sealBytes])
}
