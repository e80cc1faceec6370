// One batch of documents, shredded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "column.h"
#include "plan.h"

namespace columnar {

// A document's bytes where they lie; null: there is none.
struct Document {
  const char* data = nullptr;
  size_t size = 0;
  bool null = false;
};

// Of each key the values of all documents.
using Keys = std::vector<std::vector<Document>>;

// The coarse reasons for which a document is refused, those of transforms/shred/result.py.
enum class Reason : uint8_t { not_well_formed, truncated, encoding, wrong_root, no_contract, empty, namespaces, many_values };

const char* name_of(Reason reason);

// offset: in bytes, from the first one behind a byte order mark; line and column from 1, columns count bytes; 0: none.
struct Refusal {
  int64_t document = 0;
  Reason reason = Reason::not_well_formed;
  int64_t offset = 0;
  int64_t line = 0;
  int64_t column = 0;
  std::string detail;
};

// A document that this kernel leaves to the reference. why: a short code, of static storage.
struct Declined {
  int64_t document = 0;
  const char* why = "";
};

// Cells whose path met several nodes; extract and column by their places in the plan.
struct Several {
  uint32_t extract = 0;
  uint32_t column = 0;
  int64_t cells = 0;
};

struct ShredResult {
  std::vector<std::vector<RecordBatch>> extracts;
  std::vector<Refusal> refused;
  std::vector<Declined> declined;
  std::vector<Several> several;
};

// Shreds all documents. keys: as many as the plan has. routes: for each document the routes that may take it by its keys,
// as bits; nullptr: all.
// text: the documents are from a column of text, so what they declare of their encoding is not believed.
// Throws std::bad_alloc.
ShredResult shred_batch(const Plan& plan, const std::vector<Document>& documents, const Keys& keys,
                        const uint64_t* routes, unsigned threads, bool text);

}  // namespace columnar
