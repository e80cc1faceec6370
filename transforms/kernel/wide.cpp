#include "wide.h"

#include "characters.h"
#include "simd.h"
#include "simd32.h"

namespace columnar {

namespace {

// Neither what would be too long, nor surrogates, nor U+FFFE and U+FFFF, nor what is beyond Unicode.
constexpr char FIRST_OF_TWO = '\xC2', LAST_OF_TWO = '\xDF';
constexpr char FIRST_OF_THREE = '\xE1', LAST_OF_THREE = '\xEC';
constexpr char FIRST_OTHER = '\x80', LAST_OTHER = '\xBF';

bool find_text_ends(const char* from, uint64_t* ends) {
  Bytes16 all = splat(0);
  for (size_t word = 0; word < WINDOW / 64; ++word, from += 64) {
    uint64_t found = 0;
    for (size_t i = 0; i < 64; i += 16) {
      const Bytes16 bytes = load16(from + i);
      all = all | bytes;
      found |= bits_of(TextEnds::bytes(bytes)) << i;
    }
    ends[word] = found;
  }
  return bits_of(all) != 0;
}

// Which of sixty-four bytes are beyond ASCII; which of them begin a character of two or three bytes, and which of three,
// where the first byte alone says that it is allowed; and which go on with a character.
struct BeyondAscii {
  uint64_t all, leads, of_three, others;

  bool are_simple(uint64_t& begun) const {
    const uint64_t expected = leads << 1 | of_three << 2 | begun;
    begun = leads >> 63 | of_three >> 62;
    return others == expected && all == (leads | others);
  }
};

bool are_simple(const char* from, uint64_t& begun) {
  for (size_t word = 0; word < WINDOW / 64; ++word, from += 64) {
    BeyondAscii found{0, 0, 0, 0};
    for (size_t i = 0; i < 64; i += 16) {
      const Bytes16 bytes = load16(from + i);
      const Bytes16 of_three = in_range(bytes, FIRST_OF_THREE, LAST_OF_THREE);
      found.all |= bits_of(bytes) << i;
      found.leads |= bits_of(of_three | in_range(bytes, FIRST_OF_TWO, LAST_OF_TWO)) << i;
      found.of_three |= bits_of(of_three) << i;
      found.others |= bits_of(in_range(bytes, FIRST_OTHER, LAST_OTHER)) << i;
    }
    if (!found.are_simple(begun)) return false;
  }
  return true;
}

int64_t count_lines(const char* from, const char* to) {
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

constexpr Wide NARROW{COLUMNAR_SIMD_NAME, find_text_ends, are_simple, count_lines};

#if defined(COLUMNAR_AVX2)

[[gnu::target("avx2")]] inline __m256i text_ends32(__m256i bytes) {
  constexpr Few32 BLANKS("\t\n"), FEW("&<]");
  return _mm256_or_si256(_mm256_andnot_si256(BLANKS.among(bytes), at_most32(bytes, 0x1F)), FEW.among(bytes));
}
[[gnu::target("avx2")]] bool find_text_ends32(const char* from, uint64_t* ends) {
  __m256i all = _mm256_setzero_si256();
  for (size_t word = 0; word < WINDOW / 64; ++word, from += 64) {
    const __m256i low = load32(from), high = load32(from + 32);
    all = _mm256_or_si256(all, _mm256_or_si256(low, high));
    ends[word] = bits_of64(text_ends32(low), text_ends32(high));
  }
  return bits_of32(all) != 0;
}

[[gnu::target("avx2")]] bool are_simple32(const char* from, uint64_t& begun) {
  for (size_t word = 0; word < WINDOW / 64; ++word, from += 64) {
    const __m256i low = load32(from), high = load32(from + 32);
    if (bits_of32(_mm256_or_si256(low, high)) == 0) {
      if (begun != 0) return false;
      continue;
    }
    const __m256i low_three = in_range32(low, FIRST_OF_THREE, LAST_OF_THREE);
    const __m256i high_three = in_range32(high, FIRST_OF_THREE, LAST_OF_THREE);
    const __m256i low_two = in_range32(low, FIRST_OF_TWO, LAST_OF_TWO);
    const __m256i high_two = in_range32(high, FIRST_OF_TWO, LAST_OF_TWO);
    const __m256i behind = _mm256_set1_epi8(LAST_OTHER + 1);  // as signed bytes those before it are beyond ASCII, too
    const BeyondAscii found{bits_of64(low, high),
                            bits_of64(_mm256_or_si256(low_two, low_three), _mm256_or_si256(high_two, high_three)),
                            bits_of64(low_three, high_three),
                            bits_of64(_mm256_cmpgt_epi8(behind, low), _mm256_cmpgt_epi8(behind, high))};
    if (!found.are_simple(begun)) return false;
  }
  return true;
}
[[gnu::target("avx2,popcnt")]] int64_t count_lines32(const char* from, const char* to) {
  int64_t lines = 0;
  for (; to - from >= 32; from += 32) lines += __builtin_popcount(bits_of32(equal32(load32(from), '\n')));
  return lines + count_lines(from, to);
}

constexpr Wide AVX2{"avx2", find_text_ends32, are_simple32, count_lines32};

#endif

}  // namespace

const Wide& widest() {
#if defined(COLUMNAR_AVX2)
  if (has_avx2()) return AVX2;
#endif
  return NARROW;
}

}  // namespace columnar
