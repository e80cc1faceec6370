// A start tag, as the scanner hands it on.
#pragma once

#include <cstdint>
#include <string_view>

#include "hash.h"
#include "reused_list.h"

namespace columnar {

// Documents are shorter than 2 GiB: sizes fit 32 bits.
struct Attribute {
  const char* name = nullptr;  // with its prefix
  uint32_t name_size = 0;
  uint32_t prefix_size = 0;  // without the colon; 0: no prefix
  const char* value = nullptr;
  uint32_t value_size = 0;
  uint32_t uri = 0;
  uint64_t hash = 0;   // of the local name; 0: not yet computed
  uint32_t kind = 0;   // the same for attributes of one name without a prefix; 0: nothing is said
  bool plain = true;   // the value is what stands there: no references, no blanks to normalise

  std::string_view prefix() const { return {name, prefix_size}; }
  std::string_view local() const {
    const uint32_t skipped = prefix_size == 0 ? 0 : prefix_size + 1;
    return {name + skipped, name_size - skipped};
  }
  std::string_view raw() const { return {value, value_size}; }
  uint64_t local_hash() {
    if (hash == 0) hash = hash_of(local());
    return hash;
  }
};

using Attributes = ReusedList<Attribute>;

struct Tag {
  std::string_view name;  // with its prefix
  uint32_t prefix_size = 0;
  uint32_t uri = 0;
  uint32_t depth = 0;  // the root's is 1
  const char* end = nullptr;  // at its `>` or `/`
  uint64_t pattern = 0;  // the same, with the same kind, for the same attributes in the same order; 0: nothing is said
  Attributes* attributes = nullptr;
  uint64_t hash = 0;  // of the local name
  uint32_t kind = 0;  // the same for elements of one name, with its prefix; 0: nothing is said

  std::string_view local() const { return prefix_size == 0 ? name : name.substr(prefix_size + 1); }
};

}  // namespace columnar
