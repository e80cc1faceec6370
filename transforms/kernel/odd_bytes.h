// What stands in some values and texts beside plain ASCII: references to the entities that every document has, and
// characters of two or three bytes. Values that have one have many, so all of them are looked at at once.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "hash.h"
#include "lanes.h"

namespace columnar {

// Whether a reference to one of the five entities stands somewhere. Eight bytes are read there.
COLUMNAR_FOR_LANES bool is_entity_reference(const char* at) {
  using Eight = std::array<char, 8>;
  const uint64_t word = load_word(at);
  const auto follows = [word](Eight reference) -> unsigned {
    Eight counted;
    for (size_t i = 0; i < 8; ++i) counted[i] = reference[i] == 0 ? '\0' : '\xFF';
    return (word & std::bit_cast<uint64_t>(counted)) == std::bit_cast<uint64_t>(reference) ? 1 : 0;
  };
  // without branches: nobody knows which it will be
  return (follows({'&', 'a', 'm', 'p', ';'}) | follows({'&', 'l', 't', ';'}) | follows({'&', 'g', 't', ';'}) |
          follows({'&', 'q', 'u', 'o', 't', ';'}) | follows({'&', 'a', 'p', 'o', 's', ';'})) != 0;
}

// Behind references and characters that need no closer look than this, and what stands between them: what ends them, the
// first from `at` on; nullptr: something does need one. at: where a character begins. until: from here on they are not
// looked at; PlainAttributes::READ bytes of the document follow. raw: becomes true where there is a reference.
template <auto ODD, size_t SIZE>
COLUMNAR_FOR_LANES const char* behind_odd(const char* at, const char* until, bool& raw) {
  uint64_t begun = 0;
  for (; at < until; at += SIZE) {
    const Odd found = ODD(at);
    const uint64_t before = (found.ends & (~found.ends + 1)) - 1;  // those before the first; all, where there is none
    if (!found.others.are_simple<SIZE>(before, begun)) return nullptr;
    for (uint64_t references = found.references & before; references != 0; references &= references - 1) {
      if (!is_entity_reference(at + trailing_zeros(references))) return nullptr;
      raw = true;
    }
    if (found.ends != 0) return at + trailing_zeros(found.ends);
  }
  return nullptr;
}

}  // namespace columnar
