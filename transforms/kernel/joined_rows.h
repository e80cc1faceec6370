// Rows of several threads, put together where they are few.
#pragma once

#include "column.h"

namespace columnar {

// Whether appending the rows costs less than a batch of its own, which whoever imports it pays for by the column.
bool are_few(const RecordBatch& batch);

// Appends the rows of another batch of the same extract. Both have rows, and are_few. Throws std::bad_alloc.
void append_rows(RecordBatch& batch, const RecordBatch& more);

}  // namespace columnar
