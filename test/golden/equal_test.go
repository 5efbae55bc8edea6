package golden

import "testing"

func TestOnlyLastDigitsMayDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		got, want string
		same      bool
	}{
		"equal":                    {"a 0.6008011330082683", "a 0.6008011330082683", true},
		"last digit":               {"a 0.6008011330082682 b", "a 0.6008011330082683 b", true},
		"a digit fewer":            {"1.868411498587942", "1.8684114985879425", true},
		"two numbers":              {"0.6008011330082682,1.1234567890123", "0.6008011330082683,1.1234567890124", true},
		"exponent":                 {"1.2345678901234e-06", "1.2345678901235e-06", true},
		"another exponent":         {"1.2345678901234e-06", "1.2345678901234e-05", false},
		"a digit that is carried":  {"0.6008011330", "0.6008011340", false},
		"sign":                     {"-0.6008011330082683", "0.6008011330082683", false},
		"short numbers are exact":  {"x 0.61", "x 0.62", false},
		"words":                    {"better 0.6008011330082683", "worse 0.6008011330082683", false},
		"a line fewer":             {"a", "a\nb", false},
		"a line more":              {"a\nb", "a", false},
		"a number more":            {"0.6008011330082683 0.6008011330082683", "0.6008011330082683", false},
		"the end of the last line": {"a\n", "a", false},
	} {
		t.Run(name, func(t *testing.T) {
			if same := difference([]byte(c.got), []byte(c.want)) == ""; same != c.same {
				t.Errorf("%q and %q are the same: %t", c.got, c.want, same)
			}
		})
	}
}
