// How reading one document ends early. Thrown rarely: by documents that are not shredded here.
#pragma once

#include <string>

#include "batch.h"

namespace columnar {

// What the scanner is inside of: the reference takes a piece of markup that does not end for a cut document.
enum class Inside : uint8_t { markup, text };

// The document is not well-formed, or not meant for this plan.
struct Fault {
  Reason reason;
  const char* at;  // in the document; nullptr: see line
  std::string detail;
  Inside inside = Inside::text;
  bool final = false;  // the reason stands, wherever the document ends
  int32_t line = 0;
};

// The reference is to decide. why: of static storage.
struct Decline {
  const char* why;
};

}  // namespace columnar
