// Counting lines.
#pragma once

#include <cstdint>

#include "simd.h"

namespace columnar {

// The line feeds between two places.
inline int64_t count_lines(const char* from, const char* to) {
  int64_t lines = 0;
  while (to - from >= 16) {
    Bytes16 sums = splat(0);  // of 255 rounds at most: they cannot overflow
    for (int round = 0; round < 255 && to - from >= 16; ++round, from += 16)
      sums = minus(sums, equal(load16(from), '\n'));  // a lane that is equal is minus one
    lines += sum_of(sums);
  }
  for (; from < to; ++from) lines += *from == '\n';
  return lines;
}

}  // namespace columnar
