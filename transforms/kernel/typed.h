// Columns whose cells are read as their type where they are in its simple form, and kept as text beside it where not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "builders.h"
#include "column.h"
#include "date_format.h"

namespace columnar {

enum class Kind : uint8_t { text, integer, decimal, real, boolean, date, time, timestamp, timestamptz };

// The type of a column's cells. transforms/convert/simple.py decides which columns have one.
struct CellType {
  Kind kind = Kind::text;
  uint8_t bits = 0;  // of an integer
  uint8_t precision = 0;
  uint8_t scale = 0;
  bool empty_is_missing = false;     // the empty text is no value, and nobody asks which of the two it was
  std::vector<DateFormat> formats;  // of dates and times; none: ISO 8601

  bool typed() const { return kind != Kind::text; }
  std::string arrow_format() const;
};

// The type as Python describes it. a, b: bits of an integer; precision and scale of a decimal. flags: 1 where the empty
// text is missing. formats: each ended by a NUL. Throws std::invalid_argument.
CellType make_cell_type(uint32_t kind, uint32_t a, uint32_t b, uint32_t flags, std::string_view formats);

// Two columns: `x`, typed, null where a cell is not in the simple form; and the text of those cells beside it, null
// elsewhere. Null in both: there is no cell.
class TypedBuilder {
 public:
  // type: outlives the builder.
  explicit TypedBuilder(const CellType& type) : type_(&type) {}

  // False: the text would grow beyond MOST_BYTES; then nothing was appended.
  bool append(std::string_view text);
  void append_null();
  int64_t length() const { return validity_.length(); }
  size_t bytes() const { return values_.size() + beside_.bytes(); }
  void truncate(int64_t length);
  // The two columns, behind others; the builder is empty then.
  void finish(const std::string& name, std::vector<Column>& columns);

 private:
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
  TextBuilder beside_;
};

}  // namespace columnar
