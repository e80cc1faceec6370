#include "typed.h"

#include <bit>
#include <utility>

#include "iso8601.h"
#include "simple_numbers.h"

namespace columnar {

namespace {

static_assert(std::endian::native == std::endian::little, "the halves of decimals are stored lowest first");

constexpr std::string_view BESIDE = "\x1ftext";  // transforms/convert/beside.py has the same

bool is_blank(char letter) { return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

bool TypedBuilder::append(std::string_view text) {
  if (text.empty() && type_->empty_is_missing) {
    append_null();
    return true;
  }
  if (text.empty() || is_blank(text.front()) || is_blank(text.back())) {
    if (!append_beside(text)) return false;
    if (!append_simple(trimmed(text))) append_zero();
    return true;
  }
  if (append_simple(text)) return true;
  if (!append_beside(text)) return false;
  append_zero();
  return true;
}

// For the row that is about to be appended to `validity_`.
bool TypedBuilder::append_beside(std::string_view text) {
  fill_beside();
  return beside_.append(text);
}

// Most rows have no text beside them, so that nothing is written there until one has.
void TypedBuilder::fill_beside() { beside_.append_nulls(static_cast<size_t>(validity_.length() - beside_.length())); }

// Appends the value, if the text is in the simple form.
bool TypedBuilder::append_simple(std::string_view text) {
  switch (type_->kind) {
    case Kind::integer: {
      int64_t value;
      if (!read_int(text, type_->bits, value)) return false;
      switch (type_->bits) {
        case 8: return append_value(static_cast<int8_t>(value));
        case 16: return append_value(static_cast<int16_t>(value));
        case 32: return append_value(static_cast<int32_t>(value));
        default: return append_value(value);
      }
    }
    case Kind::decimal: {
      Decimal value;
      if (!read_decimal(text, type_->precision, type_->scale, value)) return false;
      values_.push(value.low);
      return append_value(value.high);
    }
    case Kind::real: {
      double value;
      return read_float(text, value) && append_value(value);
    }
    case Kind::boolean: {
      bool value;
      if (!read_bool(text, value)) return false;
      append_bit(value);
      validity_.append(true);
      return true;
    }
    case Kind::date:
    case Kind::time:
    case Kind::timestamp:
    case Kind::timestamptz: return append_moment(text);
    case Kind::text: break;
  }
  return false;
}

bool TypedBuilder::append_moment(std::string_view text) {
  Moment at;
  if (!read_moment(text, at)) return false;
  if (type_->kind == Kind::date) return append_value(static_cast<int32_t>(days_since_epoch(at)));
  if (type_->kind == Kind::time) return append_value(since_midnight(at));
  const int64_t moment = days_since_epoch(at) * DAY + since_midnight(at) - at.offset;
  return moment >= FIRST_DAY * DAY && moment < (LAST_DAY + 1) * DAY && append_value(moment);
}

// The first format that fits a text reads it.
bool TypedBuilder::read_moment(std::string_view text, Moment& at) const {
  if (text.empty()) return false;
  if (!type_->formats.empty()) {
    for (const DateFormat& format : type_->formats) {
      const Match match = format.read(text, at);
      if (match != Match::no) return match == Match::yes;
    }
    return false;
  }
  switch (type_->kind) {
    case Kind::date: return read_date(text, at);
    case Kind::time: return read_time(text, at);
    case Kind::timestamp: return read_timestamp(text, at);
    default: return read_timestamptz(text, at);
  }
}

// For the row that is about to be appended to `validity_`.
void TypedBuilder::append_bit(bool value) {
  const int64_t row = validity_.length();
  if ((row & 7) == 0) values_.push<uint8_t>(0);
  if (value) values_.data()[row >> 3] |= static_cast<uint8_t>(1U << (row & 7));
}

void TypedBuilder::append_zero() {
  if (type_->kind == Kind::boolean) {
    append_bit(false);
  } else {
    values_.fill(0, width());
  }
  validity_.append(false);
}

// Bytes of a value; not of a boolean.
size_t TypedBuilder::width() const {
  switch (type_->kind) {
    case Kind::integer: return type_->bits / 8;
    case Kind::decimal: return 16;
    case Kind::date: return 4;
    default: return 8;
  }
}

void TypedBuilder::truncate(int64_t length) {
  if (type_->kind == Kind::boolean) {
    values_.truncate(static_cast<size_t>(length + 7) / 8);
    // appending only sets bits
    if ((length & 7) != 0) values_.data()[length >> 3] &= static_cast<uint8_t>((1U << (length & 7)) - 1);
  } else {
    values_.truncate(static_cast<size_t>(length) * width());
  }
  validity_.truncate(length);
  if (beside_.length() > length) beside_.truncate(length);
}

void TypedBuilder::finish(const std::string& name, std::vector<Column>& columns) {
  fill_beside();
  Column column{name, type_->arrow_format(), true, validity_.length(), validity_.nulls(), {}, {}};
  column.buffers.push_back(validity_.finish());
  column.buffers.push_back(std::move(values_));
  columns.push_back(std::move(column));
  columns.push_back(beside_.finish(name + std::string(BESIDE)));
  *this = TypedBuilder(*type_);
}

}  // namespace columnar
