package stats

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// maxEncodedBytes bounds the base64 text of a histogram. Every bucket in use
// with a count of its own, incompressible, stays below it.
const maxEncodedBytes = 512 << 10

// ToAPI returns h as it travels in frames and reports.
func (h *Histogram) ToAPI() *v1alpha1.Histogram {
	// Encoding writes to memory only and cannot fail; if it ever did, the empty
	// data would be refused by FromAPI.
	data, _ := h.hdr.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return &v1alpha1.Histogram{
		Count:       h.Count(),
		MinSeconds:  h.Min().Seconds(),
		MaxSeconds:  h.Max().Seconds(),
		MeanSeconds: h.Mean().Seconds(),
		Clamped:     h.clamped,
		Data:        string(data),
	}
}

// FromAPI decodes a histogram that may come from anywhere, to be added to. It
// holds at most a few hundred kilobytes whatever the input claims, and refuses
// data that is damaged, of another resolution, or that does not hold the count
// it says.
func FromAPI(in *v1alpha1.Histogram) (*Histogram, error) {
	d, err := DistributionFromAPI(in)
	if err != nil {
		return nil, err
	}
	h := NewHistogram()
	if err := h.Add(d); err != nil {
		return nil, fmt.Errorf("histogram: %w", err)
	}
	h.clamped = min(max(in.Clamped, 0), h.Count())
	return h, nil
}

// DistributionFromAPI decodes a histogram to be read only, with the same care
// as FromAPI.
func DistributionFromAPI(in *v1alpha1.Histogram) (Distribution, error) {
	if in == nil {
		return Distribution{}, fmt.Errorf("histogram: there is none")
	}
	if len(in.Data) > maxEncodedBytes {
		return Distribution{}, fmt.Errorf("histogram: %d bytes of data, more than %d", len(in.Data), maxEncodedBytes)
	}
	// The library allocates what the header asks for: look at that first.
	if err := checkHeader(in.Data); err != nil {
		return Distribution{}, fmt.Errorf("histogram: %w", err)
	}
	decoded, err := hdrhistogram.DecodePacked([]byte(in.Data))
	if err != nil {
		return Distribution{}, fmt.Errorf("histogram: %w", err)
	}
	d := Distribution{packed: decoded}
	if d.Count() == math.MaxInt64 { // where the library stops to count
		return Distribution{}, fmt.Errorf("histogram: it holds more samples than can be counted")
	}
	if d.Count() != in.Count {
		return Distribution{}, fmt.Errorf("histogram: says it holds %d samples, but holds %d", in.Count, d.Count())
	}
	return d, nil
}

// checkHeader refuses any geometry but ours, before memory is taken for it.
func checkHeader(data string) error {
	const outerBytes = 8 // cookie and compressed length
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return err
	}
	if len(raw) < outerBytes {
		return fmt.Errorf("%d bytes are no histogram", len(raw))
	}
	inflated, err := zlib.NewReader(bytes.NewReader(raw[outerBytes:]))
	if err != nil {
		return err
	}
	var header struct {
		Cookie, PayloadLength, Offset, SignificantFigures int32
		Lowest, Highest                                   int64
		Ratio                                             float64
	}
	if err := binary.Read(io.LimitReader(inflated, hdrhistogram.ENCODING_HEADER_SIZE), binary.BigEndian,
		&header); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if header.SignificantFigures != significantFigures || header.Lowest != lowestNanos ||
		header.Highest != int64(MaxRecordable) {
		return fmt.Errorf("resolution is %d figures from %d to %d ns, want %d from %d to %d",
			header.SignificantFigures, header.Lowest, header.Highest,
			significantFigures, lowestNanos, MaxRecordable/time.Nanosecond)
	}
	return nil
}
