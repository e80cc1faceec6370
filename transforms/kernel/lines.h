// Counting lines.
#pragma once

#include <cstdint>
#include <cstddef>

namespace columnar {

// The line feeds between two places.
inline int64_t count_lines(const char* from, const char* to) {
  constexpr int LANES = 16;
  int64_t lines = 0;
  while (to - from >= LANES) {
    uint8_t sums[LANES] = {};  // of 255 rounds at most: they cannot overflow
    for (int round = 0; round < 255 && to - from >= LANES; ++round, from += LANES)
      for (int lane = 0; lane < LANES; ++lane) sums[lane] = static_cast<uint8_t>(sums[lane] + (from[lane] == '\n'));
    for (uint8_t sum : sums) lines += sum;
  }
  for (; from < to; ++from) lines += *from == '\n';
  return lines;
}

}  // namespace columnar
