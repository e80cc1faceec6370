// Documents in arrays of other programs, found through Arrow's C data interface.
#pragma once

#include <vector>

#include "arrow_abi.h"
#include "batch.h"

namespace columnar {

// Appends the documents of one array, in order; they point into the array, which has to outlive them.
// Read are text and bytes in all their layouts (formats u U vu, z Z vz) and the null type (n), with an offset and nulls.
// Throws std::invalid_argument for another type, and for lengths, offsets or views that cannot be right: whatever the
// interface tells of the sizes of buffers is checked before a document is made of it. It does not tell the size of the
// data of formats u U z Z; their offsets must ascend from zero or more, and the last is believed.
void append_documents(const ArrowSchema& schema, const ArrowArray& array, std::vector<Document>& documents);

}  // namespace columnar
