// Finished record batches, handed to other programs through Arrow's C data interface.
#pragma once

#include "arrow_abi.h"
#include "column.h"

namespace columnar {

// A record batch as a struct array. Both structures are independent of each other and of where they lie; the array owns
// the buffers, without copying them.
struct Exported {
  Owned<ArrowSchema> schema;
  Owned<ArrowArray> array;
};

// Throws std::bad_alloc, and std::logic_error where a column's buffers are too small for its length: then the fault
// is in this kernel, and nothing is handed over that a reader would read past.
Exported export_batch(RecordBatch&& batch);

}  // namespace columnar
