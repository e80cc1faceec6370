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
  void append(bool valid) { Appender(*this, 1).append(valid); }

  // Appends so many rows at most, as Buffer::Writer does.
  class Appender {
   public:
    Appender(Validity& to, int64_t rows) : to_(to), length_(to.length_), nulls_(to.nulls_) {
      const auto bytes = static_cast<size_t>(length_ + rows + 7) / 8;
      if (bytes > to.bits_.size()) to.bits_.fill(0, bytes - to.bits_.size() + SPARE);
      bits_ = to.bits_.data();
    }
    ~Appender() {
      to_.length_ = length_;
      to_.nulls_ = nulls_;
    }
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    void append(bool valid) {
      bits_[length_ >> 3] |= static_cast<uint8_t>(static_cast<unsigned>(valid) << (length_ & 7));
      nulls_ += !valid;
      ++length_;
    }

   private:
    Validity& to_;
    uint8_t* bits_;
    int64_t length_, nulls_;
  };

  void truncate(int64_t length);
  void expect(double times) { bits_.expect(times); }
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

// ahead: whether Buffer::AHEAD bytes can be read from the text's first one on.
struct TextCell {
  std::string_view text;
  bool valid = false;
  bool ahead = false;
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
  // Appends so many cells, cell(i) each. False: the column would grow beyond MOST_BYTES; then it has some of them.
  template <typename CellAt>
  bool append_cells(size_t count, const CellAt& cell_at);
  // Rows and bytes so far.
  int64_t length() const { return validity_.length(); }
  size_t bytes() const { return data_.size(); }
  void truncate(int64_t length);
  // See Buffer.
  void expect(double times) {
    ends_.expect(times);
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
    ends_.push(static_cast<int32_t>(data_.size()));
    validity_.append(valid);
  }

 private:
  Buffer ends_;  // of each row; the first offset, 0, is put before them at the end
  Buffer data_;
  Validity validity_;
};

template <typename CellAt>
bool TextBuilder::append_cells(size_t count, const CellAt& cell_at) {
  ends_.reserve_more(count * sizeof(int32_t));
  Buffer::Writer data(data_), ends(ends_);
  Validity::Appender validity(validity_, static_cast<int64_t>(count));
  for (size_t i = 0; i < count; ++i) {
    const TextCell cell = cell_at(i);
    if (cell.text.size() > MOST_BYTES - data.size()) return false;
    if (cell.ahead) {
      data.append_ahead(cell.text.data(), cell.text.size());
    } else {
      data.append(cell.text.data(), cell.text.size());
    }
    ends.push_reserved(static_cast<int32_t>(data.size()));
    validity.append(cell.valid);
  }
  return true;
}

// Lists of text: Arrow's `list<string>`.
class ListBuilder {
 public:
  bool append_item(std::string_view text) { return items_.append(text); }
  void end_row(bool valid) {
    ends_.push(static_cast<int32_t>(items_.length()));
    validity_.append(valid);
  }
  int64_t length() const { return validity_.length(); }
  void expect(double times) {
    ends_.expect(times);
    items_.expect(times);
    validity_.expect(times);
  }
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
