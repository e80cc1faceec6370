#include "iso8601.h"

namespace columnar {

namespace {

constexpr size_t DATE_SIZE = 10;

// The number that `count` digits at `at` write; negative where one of them is no digit. They must be there.
int number(std::string_view text, size_t at, size_t count) {
  int value = 0;
  bool digits = true;
  for (size_t i = at; i < at + count; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    digits &= digit < 10;
    value = value * 10 + static_cast<int>(digit & 15);
  }
  return digits ? value : -1;
}

// The fields of a time, unchecked.
bool split_time(std::string_view text, Moment& at) {
  if (text.size() < 5 || text[2] != ':') return false;
  at.hour = number(text, 0, 2);
  at.minute = number(text, 3, 2);
  if (text.size() == 5) return true;
  if (text.size() < 8 || text[5] != ':') return false;
  at.second = number(text, 6, 2);
  if (text.size() == 8) return true;
  if (text.size() < 10 || text.size() > 15 || text[8] != '.') return false;
  at.microsecond = number(text, 9, text.size() - 9);
  if (at.microsecond < 0) return false;
  for (size_t digits = text.size() - 9; digits < 6; ++digits) at.microsecond *= 10;
  return true;
}

bool split_date(std::string_view text, Moment& at) {
  if (text.size() < DATE_SIZE || text[4] != '-' || text[7] != '-') return false;
  at.year = number(text, 0, 4);
  at.month = number(text, 5, 2);
  at.day = number(text, 8, 2);
  return true;
}

bool split_both(std::string_view text, Moment& at) {
  if (text.size() <= DATE_SIZE || !split_date(text, at)) return false;
  return (text[DATE_SIZE] == 'T' || text[DATE_SIZE] == ' ') && split_time(text.substr(DATE_SIZE + 1), at);
}

// Takes `Z` or an offset off the end of a text.
bool split_offset(std::string_view& text, Moment& at) {
  if (!text.empty() && text.back() == 'Z') {
    text.remove_suffix(1);
    return true;
  }
  if (text.size() < 6) return false;
  const std::string_view offset = text.substr(text.size() - 6);
  const int hours = number(offset, 1, 2);
  const int minutes = number(offset, 4, 2);
  if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':') return false;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  at.offset = (hours * int64_t{60} + minutes) * 60 * SECOND;
  if (offset[0] == '-') at.offset = -at.offset;
  text.remove_suffix(6);
  return true;
}

}  // namespace

bool read_date(std::string_view text, Moment& at) {
  return text.size() == DATE_SIZE && split_date(text, at) && exists(at);
}

bool read_time(std::string_view text, Moment& at) { return split_time(text, at) && exists(at); }

bool read_timestamp(std::string_view text, Moment& at) {
  return read_date(text, at) || (split_both(text, at) && exists(at));
}

bool read_timestamptz(std::string_view text, Moment& at) {
  return split_offset(text, at) && split_both(text, at) && exists(at);
}

}  // namespace columnar
