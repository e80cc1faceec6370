// A start tag, as the scanner hands it on.
#pragma once

#include <cstdint>
#include <string_view>

#include "hash.h"
#include "reused_list.h"

namespace columnar {

struct Attribute {
  // Beside the size of a value that is not yet what stands there: it has references, or blanks to normalise. Documents are
  // shorter than 2 GiB: sizes fit the bits below it.
  static constexpr uint32_t RAW = 0x80000000;

  const char* value = nullptr;
  uint32_t value_size = 0;
  uint32_t name_size = 0;
  const char* name = nullptr;  // with its prefix
  uint32_t prefix_size = 0;  // without the colon; 0: no prefix
  uint32_t uri = 0;
  uint64_t hash = 0;   // of the local name; 0: not yet computed

  std::string_view prefix() const { return {name, prefix_size}; }
  std::string_view local() const {
    const uint32_t skipped = prefix_size == 0 ? 0 : prefix_size + 1;
    return {name + skipped, name_size - skipped};
  }
  bool is_raw() const { return (value_size & RAW) != 0; }
  std::string_view raw() const { return {value, value_size & ~RAW}; }
  uint64_t local_hash() {
    if (hash == 0) hash = hash_of(local());
    return hash;
  }
};

using Attributes = ReusedList<Attribute>;

class Shape;

struct Tag {
  std::string_view name;  // with its prefix
  uint32_t prefix_size = 0;
  uint32_t uri = 0;
  uint32_t depth = 0;  // the root's is 1
  const char* end = nullptr;  // at its `>` or `/`
  uint64_t pattern = 0;  // the same, with the same kind, for the same attributes in the same order; 0: nothing is said
  Attributes* values = nullptr;    // the attributes, of which nothing but their values may be there
  const Shape* unnamed = nullptr;  // what knows their names; nullptr: they are there
  uint64_t hash = 0;  // of the local name
  uint32_t kind = 0;  // the same for elements of one name, with its prefix; 0: nothing is said

  std::string_view local() const { return prefix_size == 0 ? name : name.substr(prefix_size + 1); }
  // With all that is to be known of them.
  Attributes& attributes() {
    if (unnamed != nullptr) name_attributes();
    return *values;
  }
  void name_attributes();
};

}  // namespace columnar
