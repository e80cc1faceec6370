// How reading one document ends early. Thrown rarely: by documents that are not shredded here.
#pragma once

#include <string>

#include "batch.h"

namespace columnar {

// The document is not well-formed, or not meant for this plan.
struct Fault {
  // How much the end of the document has to do with it.
  enum class Kind : uint8_t {
    open,       // markup that does not end may have been cut
    entity,     // a reference to an entity: cut only if the document ends in a reference
    definite,   // wrong whatever follows
  };
  Reason reason;
  const char* at;  // in the document; nullptr: see line
  std::string detail;
  Kind kind = Kind::definite;
  int32_t line = 0;
};

// The reference is to decide. why: of static storage.
struct Decline {
  const char* why;
};

}  // namespace columnar
