// Characters beyond ASCII, many at a time: whether those of two or three bytes are written as they should.
#pragma once

#include <cstdint>

#include "simd.h"
#include "simd32.h"

namespace columnar {

// Neither what would be too long, nor surrogates, nor U+FFFE and U+FFFF, nor what is beyond Unicode.
constexpr char FIRST_OF_TWO = '\xC2', LAST_OF_TWO = '\xDF';
constexpr char FIRST_OF_THREE = '\xE1', LAST_OF_THREE = '\xEC';
constexpr char FIRST_OTHER = '\x80', LAST_OTHER = '\xBF';

// Which of up to sixty-four bytes are beyond ASCII; which of them begin a character of two or three bytes, and which of
// three, where the first byte alone says that it is allowed; and which go on with a character.
struct BeyondAscii {
  uint64_t all, leads, of_three, others;

  // Of bytes that stand so many behind these.
  void add(const BeyondAscii& more, size_t behind) {
    all |= more.all << behind;
    leads |= more.leads << behind;
    of_three |= more.of_three << behind;
    others |= more.others << behind;
  }

  // Whether all of them are such characters, of bytes that are so many. within: the bytes that count, without a gap, from
  // the first one on. begun: which of them belong to a character that began before them; then, which of those behind them
  // belong to one that began among them.
  template <unsigned SIZE>
  bool are_simple(uint64_t within, uint64_t& begun) const {
    constexpr uint64_t ALL = ~uint64_t{0} >> (64 - SIZE);
    const uint64_t first = leads & within, third = of_three & within;
    const uint64_t expected = (first << 1 | third << 2 | begun) & ALL;
    begun = first >> (SIZE - 1) | third >> (SIZE - 2);
    return (others & within) == expected && (all & within) == (first | expected);
  }
};

inline BeyondAscii find_beyond_ascii(Bytes16 bytes) {
  const Bytes16 of_three = in_range(bytes, FIRST_OF_THREE, LAST_OF_THREE);
  return {bits_of(bytes), bits_of(of_three | in_range(bytes, FIRST_OF_TWO, LAST_OF_TWO)), bits_of(of_three),
          bits_of(in_range(bytes, FIRST_OTHER, LAST_OTHER))};
}

#if defined(COLUMNAR_AVX2)

[[gnu::target("avx2")]] inline BeyondAscii find_beyond_ascii(__m256i bytes) {
  const __m256i of_three = in_range32(bytes, FIRST_OF_THREE, LAST_OF_THREE);
  const __m256i leads = _mm256_or_si256(of_three, in_range32(bytes, FIRST_OF_TWO, LAST_OF_TWO));
  // as signed bytes all others are less than these
  return {bits_of32(bytes), bits_of32(leads), bits_of32(of_three), bits_of32(less_signed32(bytes, LAST_OTHER + 1))};
}

#endif

}  // namespace columnar
