// Columns while they grow.
#pragma once

#include <cstdint>
#include <string_view>

#include "column.h"

namespace columnar {

// The bytes that 32-bit offsets reach. A column is sealed long before it, so that a document more always fits.
constexpr size_t MOST_BYTES = 0x7FFFFFFF;

// Which rows have a value, a bit each. Most have: they cost nothing, bits are written for those that have none.
class Validity {
 public:
  void append(bool valid) {
    if (!valid) set_null(length_);
    ++length_;
  }
  // Appends so many rows at once: those that set_null() is called for beforehand or afterwards have no value.
  void append_rows(size_t count) { length_ += static_cast<int64_t>(count); }
  void set_null(int64_t row) {
    const auto byte = static_cast<size_t>(row) / 8;
    if (byte >= bits_.size()) bits_.fill(ALL, byte + SPARE - bits_.size());
    bits_.data()[byte] &= static_cast<uint8_t>(~(1U << (row & 7)));
    ++nulls_;
  }
  void append_nulls(size_t count);

  void truncate(int64_t length);
  void expect(double times) { bits_.expect(times); }
  int64_t length() const { return length_; }
  int64_t nulls() const { return nulls_; }
  // The buffer, none where every row has a value.
  Buffer finish();

 private:
  static constexpr size_t SPARE = 64;  // bytes of rows to come
  static constexpr uint8_t ALL = 0xFF;

  Buffer bits_;  // of the rows up to the last null, at least; set behind the last row
  int64_t length_ = 0;
  int64_t nulls_ = 0;
};

// Where the values of each row begin and end: Arrow's offsets. Empty where there was no row.
class Offsets {
 public:
  void append(size_t end) {
    if (!all_.has_room(sizeof(int32_t))) [[unlikely]] room_for(1);  // as before the first row
    all_.push_reserved(static_cast<int32_t>(end));
  }
  void append_same(size_t end, size_t rows);
  // Where those of so many rows are to be written, which filled_to() follows.
  uint8_t* room_for(size_t rows) {
    all_.reserve_more((rows + 1) * sizeof(int32_t));
    if (all_.size() == 0) all_.push_reserved<int32_t>(0);
    return all_.data() + all_.size();
  }
  void filled_to(const uint8_t* end) { all_.filled_to(end); }
  int32_t end_of(int64_t rows) const;
  void truncate(int64_t rows) { all_.truncate((static_cast<size_t>(rows) + 1) * sizeof(int32_t)); }
  void expect(double times) { all_.expect(times); }
  Buffer finish() { return std::move(all_); }

 private:
  Buffer all_;
};

// data: null where there is no value; else AHEAD bytes can be read behind it.
struct TextCell {
  const char* data = nullptr;
  size_t size = 0;
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
  void append_nulls(size_t count);
  // Appends so many cells, cell_at(i) each; but if its size is beyond MOST_BYTES, look_at(i), which takes a closer look.
  // False: the column would grow beyond MOST_BYTES; then it has some of them.
  template <typename CellAt, typename LookAt>
  bool append_cells(size_t count, const CellAt& cell_at, const LookAt& look_at);
  // Rows and bytes so far.
  int64_t length() const { return validity_.length(); }
  size_t bytes() const { return data_.size(); }
  void truncate(int64_t length);
  // See Buffer.
  void expect(double times) {
    offsets_.expect(times);
    data_.expect(times);
    validity_.expect(times);
  }
  Column finish(std::string name);

  // A row in parts: the parts, then end_row().
  bool append_part(std::string_view part) {
    if (part.size() > MOST_BYTES - data_.size()) return false;
    data_.append(part.data(), part.size());
    return true;
  }
  void end_row(bool valid) {
    offsets_.append(data_.size());
    validity_.append(valid);
  }

 private:
  // Up to where text may end that is written at once, AHEAD bytes each time.
  size_t limit() const {
    const size_t most = data_.capacity() - AHEAD;
    return most < MOST_BYTES ? most : MOST_BYTES;
  }

  Offsets offsets_;
  Buffer data_;
  Validity validity_;
};

template <typename CellAt, typename LookAt>
bool TextBuilder::append_cells(size_t count, const CellAt& cell_at, const LookAt& look_at) {
  uint8_t* const offsets = offsets_.room_for(count);
  data_.reserve_more(AHEAD);
  // All that a cell takes is at hand here, not in memory.
  uint8_t* begin = data_.data();
  size_t filled = data_.size(), most = limit();
  const int64_t rows = validity_.length();
  size_t done = 0;
  for (; done < count; ++done) {
    TextCell cell = cell_at(done);
    size_t end = filled + cell.size;
    if (end > most) [[unlikely]] {
      if (cell.size > MOST_BYTES) {
        cell = look_at(done);
        end = filled + cell.size;
      }
      data_.filled_to(begin + filled);
      if (end > MOST_BYTES) break;
      data_.reserve_more(cell.size + AHEAD);
      begin = data_.data();
      most = limit();
    }
    if (cell.data != nullptr) {
      copy_ahead(begin + filled, cell.data, cell.size);
    } else {
      validity_.set_null(rows + static_cast<int64_t>(done));
    }
    filled = end;
    const auto at = static_cast<int32_t>(end);
    std::memcpy(offsets + done * sizeof at, &at, sizeof at);
  }
  validity_.append_rows(done);
  offsets_.filled_to(offsets + done * sizeof(int32_t));
  data_.filled_to(begin + filled);
  return done == count;
}

// Lists of text: Arrow's `list<string>`.
class ListBuilder {
 public:
  bool append_item(std::string_view text) { return items_.append(text); }
  void end_row(bool valid) {
    offsets_.append(static_cast<size_t>(items_.length()));
    validity_.append(valid);
  }
  int64_t length() const { return validity_.length(); }
  void expect(double times) {
    offsets_.expect(times);
    items_.expect(times);
    validity_.expect(times);
  }
  size_t bytes() const { return items_.bytes() + static_cast<size_t>(items_.length()); }
  void truncate(int64_t length);
  Column finish(std::string name);

 private:
  Offsets offsets_;
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
  void expect(double times) {
    values_.expect(times);
    validity_.expect(times);
  }
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
