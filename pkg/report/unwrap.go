package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// The page holds the report between these.
const (
	embedBegins = `<script type="application/json" id="report">`
	// A large one is compressed by gzip, and in base64.
	embedBeginsCompressed = `<script type="text/plain" id="report" data-encoding="gzip, base64">`
	embedEnds             = `</script>`
)

// unwrapped is the document within what was compressed by gzip, or within the
// page that embeds it; anything else is returned as it is.
func unwrapped(data []byte) ([]byte, error) {
	data, err := unzipped(data)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return data, nil
	}
	_, after, compressed := bytes.Cut(data, []byte(embedBeginsCompressed))
	found := compressed
	if !compressed {
		_, after, found = bytes.Cut(data, []byte(embedBegins))
	}
	document, _, ends := bytes.Cut(after, []byte(embedEnds))
	if !found || !ends {
		return nil, errors.New("a page without a report in it: give the page of '-o html', or the report as JSON")
	}
	if !compressed {
		return document, nil
	}
	packed := make([]byte, base64.StdEncoding.DecodedLen(len(document)))
	n, err := base64.StdEncoding.Decode(packed, bytes.TrimSpace(document))
	if err != nil {
		return nil, fmt.Errorf("the report in the page: %w", err)
	}
	return unzipped(packed[:n])
}

// unzipped is what was compressed by gzip, or the data itself.
func unzipped(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, nil
	}
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
	return data, nil
}
