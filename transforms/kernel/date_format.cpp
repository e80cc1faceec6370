#include "date_format.h"

#include <stdexcept>
#include <string>

namespace columnar {

namespace {

constexpr std::string_view NUMBERS = "YymdHIMSf";

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_ascii(char letter) { return static_cast<unsigned char>(letter) < 0x80; }
bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r') || (letter >= 0x1C && letter <= 0x1F);
}
char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter; }

// What is being read, from front to back.
struct Text {
  std::string_view left;
  Moment at;
  int hour_of_half = -1;  // of %I
  bool afternoon = false;

  char front() const { return left.empty() ? '\0' : left.front(); }

  // Where a text differs from a format, the reference sees the same, unless it folds a letter that is not ASCII.
  Match differs() const { return is_ascii(front()) ? Match::no : Match::unsure; }

  Match literal(char letter) {
    if (left.empty() || lower(left.front()) != letter) return differs();
    left.remove_prefix(1);
    return Match::yes;
  }

  // One blank; the reference takes more of them, and other white space.
  Match blank() {
    if (left.empty() || !is_space(left.front())) return differs();
    if (left.front() != ' ') return Match::unsure;
    left.remove_prefix(1);
    return is_space(front()) || !is_ascii(front()) ? Match::unsure : Match::yes;
  }

  // All digits that stand here: what follows in the format is none.
  Match number(char directive) {
    size_t count = 0;
    int value = 0;
    for (; count < left.size() && is_digit(left[count]) && count < 7; ++count) value = value * 10 + (left[count] - '0');
    if (count == 0) return directive == 'd' && is_space(front()) ? Match::unsure : differs();  // ` 5` is a day
    if (!put(directive, value, count)) return Match::no;
    left.remove_prefix(count);
    return Match::yes;
  }

  bool put(char directive, int value, size_t digits) {
    if (directive == 'f') {
      for (size_t at_digit = digits; at_digit < 6; ++at_digit) value *= 10;
      at.microsecond = value;
      return digits <= 6;
    }
    if (directive == 'Y') {
      at.year = value;
      return digits == 4;
    }
    if (directive == 'y') {
      at.year = value + (value <= 68 ? 2000 : 1900);
      return digits == 2;
    }
    switch (directive) {
      case 'm': at.month = value; break;
      case 'd': at.day = value; break;
      case 'H': at.hour = value; break;
      case 'I': hour_of_half = value; break;
      case 'M': at.minute = value; break;
      default: at.second = value; break;
    }
    return digits <= 2 && (directive != 'I' || (value >= 1 && value <= 12));
  }

  Match half() {
    if (left.size() < 2 || !is_ascii(left[0]) || !is_ascii(left[1])) return Match::unsure;
    const char first = lower(left[0]);
    if ((first != 'a' && first != 'p') || lower(left[1]) != 'm') return Match::no;
    afternoon = first == 'p';
    left.remove_prefix(2);
    return Match::yes;
  }

  // `Z`, `+01:00` or `+0100` at the end; the reference knows offsets with seconds, too.
  Match offset() {
    if (left == "Z") {
      left = {};
      return Match::yes;
    }
    const bool colon = left.size() == 6 && left[3] == ':';
    if ((!colon && left.size() != 5) || (left[0] != '+' && left[0] != '-')) return Match::unsure;
    const char digits[] = {left[1], left[2], left[colon ? 4 : 3], left[colon ? 5 : 4]};
    for (char digit : digits)
      if (!is_digit(digit)) return Match::unsure;
    const int hours = (digits[0] - '0') * 10 + (digits[1] - '0');
    const int minutes = (digits[2] - '0') * 10 + (digits[3] - '0');
    if (hours > 23 || minutes > 59) return Match::unsure;
    at.offset = (hours * int64_t{60} + minutes) * 60 * SECOND;
    if (left[0] == '-') at.offset = -at.offset;
    left = {};
    return Match::yes;
  }

  Match end() {
    if (!left.empty()) return differs();
    if (hour_of_half >= 0) at.hour = hour_of_half % 12 + (afternoon ? 12 : 0);
    return exists(at) ? Match::yes : Match::no;
  }
};

[[noreturn]] void refuse(std::string_view format) {
  throw std::invalid_argument("a format that this kernel does not read: " + std::string(format));
}

}  // namespace

DateFormat::DateFormat(std::string_view format) {
  bool after_number = false;
  for (size_t i = 0; i < format.size(); ++i) {
    Token token;
    if (!tokens_.empty() && tokens_.back().kind == Token::Kind::offset) refuse(format);
    const bool percent = format[i] == '%';
    if (percent && ++i == format.size()) refuse(format);
    const bool directive = percent && format[i] != '%';
    if (directive && NUMBERS.find(format[i]) != std::string_view::npos) {
      if (after_number) refuse(format);
      token = {Token::Kind::number, format[i]};
    } else if (directive && format[i] == 'p') {
      token = {Token::Kind::half, 'p'};
    } else if (directive && format[i] == 'z') {
      token = {Token::Kind::offset, 'z'};
    } else if (directive || is_digit(format[i]) || !is_ascii(format[i])) {
      refuse(format);
    } else if (is_space(format[i])) {
      if (format[i] != ' ' || (!tokens_.empty() && tokens_.back().kind == Token::Kind::blank)) refuse(format);
      token = {Token::Kind::blank, ' '};
    } else {
      token = {Token::Kind::literal, lower(format[i])};
    }
    after_number = token.kind == Token::Kind::number;
    tokens_.push_back(token);
  }
}

Match DateFormat::read(std::string_view text, Moment& at) const {
  Text reading{text, {}};
  for (const Token& token : tokens_) {
    Match match = Match::no;
    switch (token.kind) {
      case Token::Kind::literal: match = reading.literal(token.letter); break;
      case Token::Kind::blank: match = reading.blank(); break;
      case Token::Kind::number: match = reading.number(token.letter); break;
      case Token::Kind::half: match = reading.half(); break;
      case Token::Kind::offset: match = reading.offset(); break;
    }
    if (match != Match::yes) return match;
  }
  const Match match = reading.end();
  if (match == Match::yes) at = reading.at;
  return match;
}

}  // namespace columnar
