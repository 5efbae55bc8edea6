package image

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Libraries lists the shared libraries that a program of this machine loads,
// its loader among them, under their own paths.
func Libraries(ctx context.Context, binary string) ([]File, error) {
	out, err := exec.CommandContext(ctx, "ldd", binary).CombinedOutput()
	if err != nil {
		if bytes.Contains(out, []byte("not a dynamic executable")) {
			return nil, nil
		}
		return nil, fmt.Errorf("list the libraries of %s: %w: %s", binary, err, bytes.TrimSpace(out))
	}
	return parseLDD(string(out)), nil
}

// parseLDD reads lines like "libc.so.6 => /lib/libc.so.6 (0x7f...)" and
// "/lib64/ld-linux-x86-64.so.2 (0x7f...)".
func parseLDD(text string) []File {
	var files []File
	for line := range strings.Lines(text) {
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "/") {
				files = append(files, File{Source: word, Path: word, Executable: true})
			}
		}
	}
	return files
}
