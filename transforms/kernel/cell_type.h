// The types as which cells may be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "date_format.h"

namespace columnar {

enum class Kind : uint8_t { text, integer, decimal, real, boolean, date, time, timestamp, timestamptz };

// The type of a column's cells. transforms/convert/simple.py decides which columns have one.
struct CellType {
  Kind kind = Kind::text;
  uint8_t bits = 0;  // of an integer
  uint8_t precision = 0;
  uint8_t scale = 0;
  bool empty_is_missing = false;    // the empty text is no value, and nobody asks which of the two it was
  std::vector<DateFormat> formats;  // of dates and times; none: ISO 8601

  bool typed() const { return kind != Kind::text; }
  std::string arrow_format() const;
};

// The type as Python describes it. one, two: bits of an integer; precision and scale of a decimal. flags: 1 where the
// empty text is missing. formats: each ended by a NUL. Throws std::invalid_argument.
CellType make_cell_type(uint32_t kind, uint32_t one, uint32_t two, uint32_t flags, std::string_view formats);

}  // namespace columnar
