// Columns that are not read from elements, written once all rows are there.
#pragma once

#include <cstdint>

#include "batch.h"
#include "column.h"
#include "plan.h"

namespace columnar {

// One value for each row of a batch, which has `_document` first and `_position` fourth. Throws std::bad_alloc, also
// where they do not fit a column.
Column write_whole(const WholeColumn& column, const RecordBatch& batch, const Keys& keys);

// So many rows, and another document's, have room in all such columns of the plan.
int64_t most_rows_of_whole(const Plan& plan, const Keys& keys);

}  // namespace columnar
