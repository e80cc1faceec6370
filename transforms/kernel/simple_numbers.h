// Numbers and truth values in their simple forms.
//
// A text in the simple form is one that the reference conversion (transforms/convert) reads without counting anything
// and without asking a policy. Whatever is not in it is left to the reference: that costs time, never exactness.
#pragma once

#include <cstdint>
#include <string_view>

namespace columnar {

// Two's complement, 128 bits: Arrow's decimal128.
struct Decimal {
  uint64_t low = 0;
  uint64_t high = 0;
};

// `-?[0-9]{1,18}` within so many bits (8, 16, 32, 64).
bool read_int(std::string_view text, unsigned bits, int64_t& value);

// `-?[0-9]+([.][0-9]+)?` with at most precision - scale digits before the point, leading zeros aside, and nothing but
// zeros behind the first `scale` digits after it. precision: 1 to 38; scale: 0 to precision.
bool read_decimal(std::string_view text, unsigned precision, unsigned scale, Decimal& value);

// `-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?`, correctly rounded, where it is neither too large nor too small for a double.
// Standard libraries without std::from_chars for doubles read up to 15 digits without an exponent here.
bool read_float(std::string_view text, double& value);

// true, t, yes, y, 1 and false, f, no, n, 0, in upper or lower case.
bool read_bool(std::string_view text, bool& value);

}  // namespace columnar
