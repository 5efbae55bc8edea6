package v1alpha1

import "fmt"

const (
	// maxExponentDigits and maxNumberDigits bound numbers in documents: a quantity
	// of 1E999999999 is a number of a billion digits, which takes hours to read.
	maxExponentDigits = 3
	maxNumberDigits   = 64
)

// CheckNumbers refuses a document in JSON that holds a number, or a string that is
// one, that no quantity comes near: with an exponent of more than 3 digits, or of
// more than 64 characters. It takes one pass over the document, and is for those
// who read quantities of documents that anybody may have written.
func CheckNumbers(document []byte) error {
	for i := 0; i < len(document); {
		if !beginsNumber(document, i) {
			i++
			continue
		}
		end := i
		for end < len(document) && inNumber(document[end]) {
			end++
		}
		digits, inExponent := 0, false
		for _, c := range document[i:end] {
			switch {
			case c == 'e' || c == 'E':
				digits, inExponent = 0, true
			case c >= '0' && c <= '9':
				digits++
			}
		}
		if inExponent && digits > maxExponentDigits || end-i > maxNumberDigits && endsNumber(document, end) {
			return fmt.Errorf("%.20q... is no number that belongs here: its exponent may have %d digits, and all of it %d",
				document[i:end], maxExponentDigits, maxNumberDigits)
		}
		i = end
	}
	return nil
}

// beginsNumber reports whether a number, or a string that begins like one, is at
// i: behind a quote, or where a JSON value may begin.
func beginsNumber(document []byte, i int) bool {
	c := document[i]
	if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' {
		return false
	}
	if i == 0 {
		return true
	}
	switch document[i-1] {
	case '"', ':', ',', '[', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

func inNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// endsNumber reports whether what ends there was a number to its end, perhaps
// with a unit: a longer text that begins with digits is no number.
func endsNumber(document []byte, end int) bool {
	const unit = 2
	for i := end; i < len(document) && i <= end+unit; i++ {
		switch document[i] {
		case '"', ',', ']', '}', ' ', '\t', '\n', '\r':
			return true
		}
	}
	return end == len(document)
}
