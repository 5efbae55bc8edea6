// Package krew holds no code: its tests render the Krew manifest as a release
// does, and hold it to the rules of the index.
package krew
