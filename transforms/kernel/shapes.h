// The attributes that elements usually have, so that most names need only be compared.
//
// Elements of one name mostly have the same attributes in the same order. What was once read as a name followed by `="`
// is one wherever the same bytes stand; and attributes that follow each other in a list without twins are no twins.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "hash.h"
#include "simd.h"
#include "tag.h"

namespace columnar {

class Shape {
 public:
  static constexpr size_t BYTES = 32;  // of a name with `="` behind it; longer ones are not kept

  struct Known {
    char bytes[BYTES] = {};
    uint32_t size = 0;
    uint64_t hash = 0;
  };

  // The one of the next two expected attributes that stands at `at`, nullptr: none of them.
  const Known* match(const char* at, const char* end, size_t& expected) const {
    if (end - at < static_cast<std::ptrdiff_t>(BYTES)) return nullptr;
    for (size_t i = expected; i < expected + 2 && i < known_.size(); ++i) {
      if (!stands(known_[i], at)) continue;
      expected = i + 1;
      return &known_[i];
    }
    return nullptr;
  }

  // An attribute was read that did not match; false: it may have a twin among those before it.
  bool take(Attribute& attribute, size_t& expected);

 private:
  static constexpr size_t MOST = 48;  // attributes that are kept

  static bool stands(const Known& known, const char* at) {
    const Bytes16 head = same(load16(at), load16(known.bytes));
    if (known.size <= 16) return covers(head, known.size);
    return covers(head, 16) && covers(same(load16(at + 16), load16(known.bytes + 16)), known.size - 16);
  }

  std::vector<Known> known_;
};

class Shapes {
 public:
  Shape& of(std::string_view element) { return shapes_[hash_of(element) >> 20 & (SLOTS - 1)]; }

 private:
  static constexpr size_t SLOTS = 128;
  std::array<Shape, SLOTS> shapes_;
};

}  // namespace columnar
