// Finished record batches, handed to other programs through Arrow's C data interface.
#pragma once

#include "arrow_abi.h"
#include "column.h"

namespace columnar {

// The type of a record batch as that of a struct array.
Owned<ArrowSchema> export_schema(const RecordBatch& batch);

// A record batch as a struct array, which owns the buffers, without copying them, and may be moved elsewhere. Throws std::bad_alloc, and std::logic_error where a column's buffers are too small for its length: then the fault
// is in this kernel, and nothing is handed over that a reader would read past.
Owned<ArrowArray> export_batch(RecordBatch&& batch);

}  // namespace columnar
