#include "simple_numbers.h"

#include <array>
#include <cfloat>
#include <charconv>
#include <system_error>
#include <version>

namespace columnar {

namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

uint64_t digit_of(char letter) { return static_cast<uint64_t>(letter - '0'); }

size_t digits_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

// Where the parts of `-?[0-9]+([.][0-9]+)?` lie.
struct Parts {
  bool minus = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without the point
  size_t end = 0;             // where the number ends
};

bool split(std::string_view text, Parts& parts) {
  size_t at = 0;
  parts.minus = !text.empty() && text[0] == '-';
  if (parts.minus) at = 1;
  const size_t whole = digits_at(text, at);
  if (whole == 0) return false;
  parts.whole = text.substr(at, whole);
  while (!parts.whole.empty() && parts.whole.front() == '0') parts.whole.remove_prefix(1);
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = digits_at(text, at + 1);
    if (fraction == 0) return false;
    parts.fraction = text.substr(at + 1, fraction);
    at += 1 + fraction;
  }
  parts.end = at;
  return true;
}

// value * 10 + digit, in 128 bits.
void push_digit(Decimal& value, uint64_t digit) {
  const uint64_t low = (value.low & 0xFFFFFFFF) * 10 + digit;
  const uint64_t middle = (value.low >> 32) * 10 + (low >> 32);
  value.low = middle << 32 | (low & 0xFFFFFFFF);
  value.high = value.high * 10 + (middle >> 32);
}

void negate(Decimal& value) {
  value.low = ~value.low + 1;
  value.high = ~value.high + (value.low == 0 ? 1 : 0);
}

constexpr size_t EXACT_DIGITS = 15;  // 10^15 < 2^53
constexpr std::array<double, EXACT_DIGITS + 1> POWERS = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

// Both numbers are exact, so one division rounds once; not where the processor computes with more digits than a double.
bool divide(const Parts& parts, double& value) {
  if (FLT_EVAL_METHOD != 0 || parts.whole.size() + parts.fraction.size() > EXACT_DIGITS) return false;
  uint64_t digits = 0;
  for (char letter : parts.whole) digits = digits * 10 + digit_of(letter);
  for (char letter : parts.fraction) digits = digits * 10 + digit_of(letter);
  value = static_cast<double>(digits) / POWERS[parts.fraction.size()];
  if (parts.minus) value = -value;
  return true;
}

// Whether an exponent, or nothing, is all that follows.
bool ends_as_float(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest[0] != 'e' && rest[0] != 'E') return false;
  rest.remove_prefix(1);
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) rest.remove_prefix(1);
  return !rest.empty() && digits_at(rest, 0) == rest.size();
}

bool parse(std::string_view text, double& value) {
#ifdef __cpp_lib_to_chars  // the library has it for doubles as well
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
#else
  static_cast<void>(text);
  static_cast<void>(value);
  return false;
#endif
}

// A word in upper or lower case. word: in lower case.
bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if ((letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter) != word[i]) return false;
  }
  return true;
}

}  // namespace

bool read_int(std::string_view text, unsigned bits, int64_t& value) {
  const bool minus = !text.empty() && text[0] == '-';
  if (minus) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return false;  // 18 digits fit 64 bits whatever they are
  int64_t number = 0;
  for (char letter : text) {
    if (!is_digit(letter)) return false;
    number = number * 10 + (letter - '0');
  }
  if (minus) number = -number;
  if (bits < 64) {
    const int64_t bound = int64_t{1} << (bits - 1);
    if (number < -bound || number >= bound) return false;
  }
  value = number;
  return true;
}

bool read_decimal(std::string_view text, unsigned precision, unsigned scale, Decimal& value) {
  Parts parts;
  if (!split(text, parts) || parts.end != text.size()) return false;
  if (parts.whole.size() > precision - scale) return false;
  for (size_t at = scale; at < parts.fraction.size(); ++at)
    if (parts.fraction[at] != '0') return false;
  const std::string_view kept = parts.fraction.substr(0, scale);
  // At most `precision` digits, and 38 of them fit 127 bits; the first 19 fit 64.
  uint64_t head = 0;
  size_t taken = 0;
  const size_t digits = parts.whole.size() + scale;
  const auto digit_at = [&](size_t at) {
    if (at < parts.whole.size()) return digit_of(parts.whole[at]);
    at -= parts.whole.size();
    return at < kept.size() ? digit_of(kept[at]) : uint64_t{0};
  };
  for (; taken < digits && taken < 19; ++taken) head = head * 10 + digit_at(taken);
  Decimal number{head, 0};
  for (; taken < digits; ++taken) push_digit(number, digit_at(taken));
  if (parts.minus) negate(number);
  value = number;
  return true;
}

bool read_float(std::string_view text, double& value) {
  Parts parts;
  if (!split(text, parts)) return false;
  if (parts.end == text.size() && divide(parts, value)) return true;
  return ends_as_float(text.substr(parts.end)) && parse(text, value);
}

bool read_bool(std::string_view text, bool& value) {
  if (text.size() == 1) {
    switch (text[0]) {
      case '1': case 't': case 'T': case 'y': case 'Y': value = true; return true;
      case '0': case 'f': case 'F': case 'n': case 'N': value = false; return true;
      default: return false;
    }
  }
  if (is_word(text, "true") || is_word(text, "yes")) {
    value = true;
    return true;
  }
  value = false;
  return is_word(text, "false") || is_word(text, "no");
}

}  // namespace columnar
