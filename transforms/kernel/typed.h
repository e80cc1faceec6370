// Columns whose cells are read as their type where they are in its simple form, with the texts of others beside them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "builders.h"
#include "calendar.h"
#include "cell_type.h"
#include "column.h"

namespace columnar {

// Two columns: `x`, typed, null where a cell, white space at its ends aside, is not in the simple form; and beside it the
// text of those cells, and of those with such white space, which somebody may count. Null in both: there is no cell.
class TypedBuilder {
 public:
  // type: outlives the builder.
  explicit TypedBuilder(const CellType& type) : type_(&type) {}

  // False: the text would grow beyond MOST_BYTES; then nothing was appended.
  bool append(std::string_view text);
  void append_null() { append_zero(); }
  int64_t length() const { return validity_.length(); }
  size_t bytes() const { return values_.size() + beside_.bytes(); }
  void expect(double times) {
    values_.expect(times);
    validity_.expect(times);
    beside_.expect(times);
  }
  void truncate(int64_t length);
  // The two columns, behind others; the builder is empty then.
  void finish(const std::string& name, std::vector<Column>& columns);

 private:
  bool append_beside(std::string_view text);
  void fill_beside();
  bool append_simple(std::string_view text);
  bool append_moment(std::string_view text);
  bool read_moment(std::string_view text, Moment& at) const;
  void append_bit(bool value);
  void append_zero();
  size_t width() const;

  template <typename T>
  bool append_value(T value) {
    values_.push(value);
    validity_.append(true);
    return true;
  }

  const CellType* type_;
  Buffer values_;  // bits for booleans
  Validity validity_;
  TextBuilder beside_;  // without its last rows, as long as they are null
};

}  // namespace columnar
