package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
)

const (
	keyBytes = 32
	// sealBytes of the HMAC-SHA-256 go with each frame: as many as RFC 2104, section
	// 5, wants at least.
	sealBytes = 16
	// tokenBytes are enough that nobody guesses a value, and fit into a label.
	tokenBytes = 16
)

// Key is what a plugin and its workers know, and nobody they talk to. A run has
// one, and each worker one of its own that is derived from it.
type Key [keyBytes]byte

// NewKey takes a key from a source of random bytes.
func NewKey(random io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(random, k[:]); err != nil {
		return Key{}, fmt.Errorf("choose a key: %w", err)
	}
	return k, nil
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k == Key{} }

// For derives a key for one purpose. Who knows it learns nothing of this one.
func (k Key) For(purpose ...string) Key { return Key(k.sum(purpose...)) }

// Token derives a value that fits into a label and that nobody can guess.
func (k Key) Token(purpose ...string) string {
	sum := k.sum(purpose...)
	return hex.EncodeToString(sum[:tokenBytes])
}

// sum is the HMAC of the parts, each with its length before it.
func (k Key) sum(parts ...string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, k[:])
	for _, p := range parts { // writing to a hash never fails
		_, _ = fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	return [sha256.Size]byte(mac.Sum(nil))
}

// seal authenticates the frame with that number in a worker's log.
func (k Key) seal(number int64, payload []byte) []byte {
	mac := hmac.New(sha256.New, k[:])
	_, _ = fmt.Fprintf(mac, "%d %s ", Version, strconv.FormatInt(number, 10))
	_, _ = mac.Write(payload)
	return mac.Sum(nil)[:sealBytes]
}

// MarshalText implements encoding.TextMarshaler.
func (k Key) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k[:])), nil }

// UnmarshalText implements encoding.TextUnmarshaler. The error says nothing of
// the text.
func (k *Key) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(keyBytes) {
		return fmt.Errorf("a key has %d hex digits, not %d", hex.EncodedLen(keyBytes), len(text))
	}
	if _, err := hex.Decode(k[:], text); err != nil {
		return fmt.Errorf("a key has hex digits only")
	}
	return nil
}
