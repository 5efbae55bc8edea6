package report

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// The page holds the report between these.
const (
	embedBegins = `<script type="application/json" id="report">`
	embedEnds   = `</script>`
)

// unwrapped is the document within what was compressed by gzip, or within the
// page that embeds it; anything else is returned as it is.
func unwrapped(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		in, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		if data, err = io.ReadAll(io.LimitReader(in, MaxBytes+1)); err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		if len(data) > MaxBytes {
			return nil, fmt.Errorf("larger than %d bytes when decompressed, which no report is", MaxBytes)
		}
	}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return data, nil
	}
	_, after, found := bytes.Cut(data, []byte(embedBegins))
	document, _, ends := bytes.Cut(after, []byte(embedEnds))
	if !found || !ends {
		return nil, errors.New("a page without a report in it: give the page of '-o html', or the report as JSON")
	}
	return document, nil
}
