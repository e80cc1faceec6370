// The cells of documents: found while their elements go by, written to columns once they are known.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "decisions.h"
#include "plan.h"
#include "stack.h"

namespace columnar {

// What a column has met in one scope. count: values so far. data: AHEAD bytes can be read behind it. size: as an attribute
// has it, which may be RAW. Columns that keep all values have a list of entries.
struct Cell {
  static constexpr uint32_t SETTLED = 1;  // the size of one with entries, once only those that count are left

  union {
    const char* data = nullptr;
    struct {
      uint32_t first, last;
    } entries;
  };
  uint32_t size = 0;
  uint32_t count = 0;
};

struct Entry {
  const char* data = nullptr;
  uint32_t size = 0;
  uint32_t decision = NONE;
  uint32_t next = NONE;
};

// An element that is a row, or may turn out to be one. Numbers are places in the rows of an extract.
struct Row {
  int32_t line = 0;  // its start tag ends on it
  uint32_t decision = NONE;
  uint32_t outer = NONE;   // the nearest row of the same extract around it
  uint32_t parent = NONE;  // the nearest row of the parent extract around it
  uint32_t own = NONE;     // the row of the parent extract that is the same element
  uint32_t number = NONE;  // among the rows that count
  uint32_t counted = NONE;  // the extract whose rows below it were counted last
  int32_t below = 0;        // how many there were
};

// The frames of one scope.
struct Frames {
  struct Open {
    uint32_t depth, base, rows;
  };
  Stack<Cell> cells;
  Stack<Open> open;                  // of the elements that are open, outermost first
  std::vector<uint32_t> row_frames;  // of each row that is not yet written, where its cells begin; NONE: nowhere
  size_t accepted = 0;               // how many of these rows are of documents that ended well
  uint32_t first = 0;                // where the cells of the last document begin
  size_t written = 0;                // rows of it
};

// The rows of one extract, and those whose elements are open.
struct Rows {
  std::vector<Row> all;
  std::vector<uint32_t> open;
};

}  // namespace columnar
