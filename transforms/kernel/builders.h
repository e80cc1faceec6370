// Columns while they grow.
#pragma once

#include <cstdint>
#include <string_view>

#include "column.h"

namespace columnar {

// The bytes that 32-bit offsets reach. A column is sealed long before it, so that a document more always fits.
constexpr size_t MOST_BYTES = 0x7FFFFFFF;

// Which rows have a value, a bit each.
class Validity {
 public:
  // Room for so many rows more.
  void reserve(int64_t rows) {
    const auto bytes = static_cast<size_t>(length_ + rows + 7) / 8;
    if (bytes > bits_.size()) bits_.fill(0, bytes - bits_.size() + SPARE);
  }
  void append(bool valid) {
    reserve(1);
    append_reserved(valid);
  }
  void append_reserved(bool valid) {
    bits_.data()[length_ >> 3] |= static_cast<uint8_t>(static_cast<unsigned>(valid) << (length_ & 7));
    nulls_ += !valid;
    ++length_;
  }
  void truncate(int64_t length);
  int64_t length() const { return length_; }
  int64_t nulls() const { return nulls_; }
  // The buffer, none where every row has a value.
  Buffer finish() {
    bits_.truncate(static_cast<size_t>(length_ + 7) / 8);
    return nulls_ == 0 ? Buffer() : std::move(bits_);
  }

 private:
  static constexpr size_t SPARE = 32;  // bytes of rows to come

  Buffer bits_;  // zero behind the last row
  int64_t length_ = 0;
  int64_t nulls_ = 0;
};

// Text: Arrow's `string`.
class TextBuilder {
 public:
  // False: the column would grow beyond MOST_BYTES; then nothing was appended.
  bool append(std::string_view text) {
    if (text.size() > MOST_BYTES - data_.size()) return false;
    data_.append(text.data(), text.size());
    end_row(true);
    return true;
  }
  void append_null() { end_row(false); }
  // Room for so many rows more, for append_reserved().
  void reserve(int64_t rows) {
    ends_.reserve_more(static_cast<size_t>(rows) * sizeof(int32_t));
    validity_.reserve(rows);
  }
  // ahead: whether Buffer::AHEAD bytes can be read from the text's first one on.
  bool append_reserved(std::string_view text, bool valid, bool ahead) {
    if (text.size() > MOST_BYTES - data_.size()) return false;
    if (ahead) {
      data_.append_ahead(text.data(), text.size());
    } else {
      data_.append(text.data(), text.size());
    }
    ends_.push_reserved(static_cast<int32_t>(data_.size()));
    validity_.append_reserved(valid);
    return true;
  }
  // Rows and bytes so far.
  int64_t length() const { return validity_.length(); }
  size_t bytes() const { return data_.size(); }
  void truncate(int64_t length);
  Column finish(std::string name);

  // A row in parts: the parts, then end_row().
  bool append_part(std::string_view part) {
    if (part.size() > MOST_BYTES - data_.size()) return false;
    data_.append(part.data(), part.size());
    return true;
  }
  void end_row(bool valid) {
    ends_.push(static_cast<int32_t>(data_.size()));
    validity_.append(valid);
  }

 private:
  Buffer ends_;  // of each row; the first offset, 0, is put before them at the end
  Buffer data_;
  Validity validity_;
};

// Lists of text: Arrow's `list<string>`.
class ListBuilder {
 public:
  bool append_item(std::string_view text) { return items_.append(text); }
  void end_row(bool valid) {
    ends_.push(static_cast<int32_t>(items_.length()));
    validity_.append(valid);
  }
  int64_t length() const { return validity_.length(); }
  size_t bytes() const { return items_.bytes() + static_cast<size_t>(items_.length()); }
  void truncate(int64_t length);
  Column finish(std::string name);

 private:
  Buffer ends_;
  TextBuilder items_;
  Validity validity_;
};

// Numbers of one width.
template <typename T>
class NumberBuilder {
 public:
  void append(T value) {
    values_.push(value);
    validity_.append(true);
  }
  void append_null() {
    values_.push(T{});
    validity_.append(false);
  }
  int64_t length() const { return validity_.length(); }
  void truncate(int64_t length) {
    values_.truncate(static_cast<size_t>(length) * sizeof(T));
    validity_.truncate(length);
  }
  Column finish(std::string name, std::string format, bool nullable) {
    Column column{std::move(name), std::move(format), nullable, validity_.length(), validity_.nulls(), {}, {}};
    column.buffers.push_back(validity_.finish());
    column.buffers.push_back(std::move(values_));
    *this = NumberBuilder();
    return column;
  }

 private:
  Buffer values_;
  Validity validity_;
};

}  // namespace columnar
