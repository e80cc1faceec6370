// A hash of names: fast for the short ones that markup is made of. Equal hashes are always confirmed by the bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace columnar {

inline uint64_t load_word(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline uint64_t hash_of(std::string_view name) {
  constexpr uint64_t SPREAD = 0x9E3779B97F4A7C15U;  // 2^64 divided by the golden ratio
  const char* at = name.data();
  size_t left = name.size();
  uint64_t hash = left * SPREAD;
  if (left >= 8) {
    const uint64_t last = load_word(at + left - 8);  // overlaps the words before it: never reads beyond the name
    for (; left > 8; left -= 8, at += 8) hash = (hash ^ load_word(at)) * SPREAD ^ hash >> 29;
    hash = (hash ^ last) * SPREAD;
  } else if (left >= 4) {
    uint32_t head, tail;
    std::memcpy(&head, at, 4);
    std::memcpy(&tail, at + left - 4, 4);
    hash = (hash ^ (static_cast<uint64_t>(head) << 32 | tail)) * SPREAD;
  } else if (left > 0) {
    const auto byte = [at](size_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(at[i])); };
    hash = (hash ^ (byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1))) * SPREAD;
  }
  return hash ^ hash >> 32;
}

}  // namespace columnar
