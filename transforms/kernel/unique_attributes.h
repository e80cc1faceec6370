// Whether the attributes of an element all have different names.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tag.h"

namespace columnar {

class UniqueAttributes {
 public:
  // Two attributes of one name, or none. Prefixes must be resolved.
  struct Pair {
    const Attribute* first = nullptr;
    const Attribute* second = nullptr;
  };
  Pair find_twins(Attributes& attributes) {
    const size_t count = attributes.size();
    if (count < 2) return {};
    if (count <= FEW) return among_few(attributes);
    return count <= MANY ? by_table(attributes) : by_sorting(attributes);
  }

 private:
  static constexpr size_t FEW = 6;    // compared each with each
  static constexpr size_t MANY = 256;  // beyond, a table would fill up
  static constexpr size_t SLOTS = 1024;

  static bool are_twins(const Attribute& one, const Attribute& other) {
    return one.hash == other.hash && one.uri == other.uri && one.local() == other.local();
  }

  static Pair among_few(Attributes& attributes) {
    for (size_t i = 0; i < attributes.size(); ++i) {
      const uint64_t hash = attributes[i].local_hash();
      for (size_t j = 0; j < i; ++j)
        if (attributes[j].hash == hash && are_twins(attributes[j], attributes[i]))
          return {&attributes[j], &attributes[i]};
    }
    return {};
  }

  Pair by_table(Attributes& attributes);
  static Pair by_sorting(Attributes& attributes);

  // Which slots the attributes of this element have taken: those with its number.
  std::array<uint32_t, SLOTS> taken_{};
  uint32_t element_ = 0;
};

}  // namespace columnar
