// All columns of all extracts while a part of a batch is shredded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "batch.h"
#include "builders.h"
#include "plan.h"
#include "typed.h"

namespace columnar {

// A column of so many bytes is sealed as soon as the document ends.
constexpr size_t LARGE = MOST_BYTES / 2;

using ColumnBuilder = std::variant<TextBuilder, ListBuilder, TypedBuilder>;

// One extract: the fields that say where a row is from, and the columns of the plan.
class ExtractColumns {
 public:
  ExtractColumns(const Plan& plan, uint32_t extract);

  void append_row(int64_t document, int32_t row, int32_t parent, int32_t position, int32_t line);
  int64_t rows() const { return documents_.length(); }
  ColumnBuilder& column(size_t place) { return columns_[place]; }
  // Forgets all but the first `rows` rows, in whatever state the columns are.
  void truncate(int64_t rows);
  // Room for about `times` the rows that there are.
  void expect(double times);
  // Whether it is time to seal: a column was seen that is half as large as it may ever be.
  bool is_large() const { return is_large_; }
  // bytes: of one of the columns.
  void look_at(size_t bytes) {
    if (bytes > LARGE) is_large_ = true;
  }
  void look_at(const ColumnBuilder& column) {
    look_at(std::visit([](const auto& builder) { return builder.bytes(); }, column));
  }
  // The rows so far, as a batch of their own. keys: of all documents.
  RecordBatch seal(const Keys& keys);

 private:
  const Plan& plan_;
  const Extract& extract_;
  NumberBuilder<int64_t> documents_;
  NumberBuilder<int32_t> rows_, parents_, positions_, lines_;
  std::vector<ColumnBuilder> columns_;
  bool is_large_ = false;
};

}  // namespace columnar
