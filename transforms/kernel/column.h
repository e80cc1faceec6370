// Finished columns, laid out as Arrow wants them, before they are handed over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "buffer.h"

namespace columnar {

// One array. format: of Arrow's C data interface. buffers: in Arrow's order; an empty validity buffer means no nulls.
struct Column {
  std::string name;
  std::string format;
  bool nullable = true;
  int64_t length = 0;
  int64_t null_count = 0;
  std::vector<Buffer> buffers;
  std::vector<Column> children;
};

// Rows of one extract: columns of the same length.
struct RecordBatch {
  int64_t rows = 0;
  std::vector<Column> columns;
};

}  // namespace columnar
