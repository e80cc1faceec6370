// A start tag, as the scanner hands it on.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "hash.h"

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

struct Tag {
  std::string_view name;  // with its prefix
  uint32_t prefix_size = 0;
  uint32_t uri = 0;
  uint32_t depth = 0;  // the root's is 1
  const char* end = nullptr;  // at its `>` or `/`
  std::vector<Attribute>* attributes = nullptr;

  std::string_view local() const { return prefix_size == 0 ? name : name.substr(prefix_size + 1); }
};

}  // namespace columnar
