// Shreds a run of documents, on one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "arena.h"
#include "batch.h"
#include "matcher.h"
#include "namespaces.h"
#include "scanner.h"

namespace columnar {

class Worker {
 public:
  // keys: of all documents of the batch.
  Worker(const Plan& plan, const Keys& keys);

  // ordinal: of the document in the batch. allowed: the routes that may take it. trusted: see Scanner.
  void shred(int64_t ordinal, const Document& document, uint64_t allowed, bool trusted);
  // As much is to come that all columns will grow to about `times` what they are.
  void expect(double times);
  // What was shredded so far; the worker is empty after it.
  ShredResult finish();

 private:
  void read(int64_t ordinal, const Document& document, uint64_t allowed, bool trusted);
  void refuse(int64_t ordinal, const Document& document, const char* begin, const Fault& fault);
  void seal_large();

  const Plan& plan_;
  const Keys& keys_;
  int64_t most_rows_;  // of an extract, before it is sealed
  Arena arena_;
  Namespaces namespaces_;
  Matcher matcher_;
  Scanner scanner_;
  ShredResult result_;
};

}  // namespace columnar
