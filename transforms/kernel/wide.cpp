#include "wide.h"

#include "characters.h"
#include "simd.h"

#if defined(COLUMNAR_SSE2) && defined(__GNUC__) && !defined(COLUMNAR_NARROW)
#define COLUMNAR_AVX2
#include <immintrin.h>
#endif

namespace columnar {

namespace {

// Neither what would be too long, nor surrogates, nor U+FFFE and U+FFFF, nor what is beyond Unicode.
constexpr char FIRST_OF_TWO = '\xC2', LAST_OF_TWO = '\xDF';
constexpr char FIRST_OF_THREE = '\xE1', LAST_OF_THREE = '\xEC';
constexpr char FIRST_OTHER = '\x80', LAST_OTHER = '\xBF';

template <typename Ends>
Looked look(const char* from) {
  Looked looked{0, 0};
  for (size_t i = 0; i < WINDOW; i += 16) {
    const Bytes16 bytes = load16(from + i);
    looked.ends |= bits_of(Ends::bytes(bytes)) << i;
    looked.beyond_ascii |= bits_of(bytes) << i;
  }
  return looked;
}

Simple simple(const char* from) {
  Simple found{0, 0, 0};
  for (size_t i = 0; i < WINDOW; i += 16) {
    const Bytes16 bytes = load16(from + i);
    found.two |= bits_of(in_range(bytes, FIRST_OF_TWO, LAST_OF_TWO)) << i;
    found.three |= bits_of(in_range(bytes, FIRST_OF_THREE, LAST_OF_THREE)) << i;
    found.others |= bits_of(in_range(bytes, FIRST_OTHER, LAST_OTHER)) << i;
  }
  return found;
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

constexpr Wide NARROW{COLUMNAR_SIMD_NAME, look<ValueEnds>, look<TextEnds>, simple, count_lines};

#if defined(COLUMNAR_AVX2)

// These alone are compiled for processors with AVX2, and called on no other.
[[gnu::target("avx2")]] inline __m256i load32(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
[[gnu::target("avx2")]] inline __m256i equal32(__m256i bytes, char byte) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte));
}
[[gnu::target("avx2")]] inline __m256i controls32(__m256i bytes) {
  return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
}
[[gnu::target("avx2")]] inline uint32_t bits_of32(__m256i bytes) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
}
[[gnu::target("avx2")]] inline uint64_t bits_of64(__m256i low, __m256i high) {
  return bits_of32(low) | static_cast<uint64_t>(bits_of32(high)) << 32;
}

[[gnu::target("avx2")]] inline __m256i value_ends32(__m256i bytes) {
  return _mm256_or_si256(_mm256_or_si256(controls32(bytes), equal32(bytes, '<')),
                         _mm256_or_si256(equal32(bytes, '&'), equal32(bytes, '"')));
}
[[gnu::target("avx2")]] inline __m256i text_ends32(__m256i bytes) {
  const __m256i blanks = _mm256_or_si256(equal32(bytes, '\n'), equal32(bytes, '\t'));
  return _mm256_or_si256(_mm256_or_si256(_mm256_andnot_si256(blanks, controls32(bytes)), equal32(bytes, '<')),
                         _mm256_or_si256(equal32(bytes, '&'), equal32(bytes, ']')));
}

[[gnu::target("avx2")]] Looked value_ends64(const char* from) {
  const __m256i low = load32(from), high = load32(from + 32);
  return {bits_of64(value_ends32(low), value_ends32(high)), bits_of64(low, high)};
}
[[gnu::target("avx2")]] Looked text_ends64(const char* from) {
  const __m256i low = load32(from), high = load32(from + 32);
  return {bits_of64(text_ends32(low), text_ends32(high)), bits_of64(low, high)};
}
[[gnu::target("avx2")]] inline __m256i in_range32(__m256i bytes, char first, char last) {
  const __m256i from_first = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  const __m256i width = _mm256_set1_epi8(static_cast<char>(last - first));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(from_first, width), from_first);
}
[[gnu::target("avx2")]] inline uint64_t in_range64(__m256i low, __m256i high, char first, char last) {
  return bits_of64(in_range32(low, first, last), in_range32(high, first, last));
}
[[gnu::target("avx2")]] Simple simple64(const char* from) {
  const __m256i low = load32(from), high = load32(from + 32);
  return {in_range64(low, high, FIRST_OF_TWO, LAST_OF_TWO), in_range64(low, high, FIRST_OF_THREE, LAST_OF_THREE),
          in_range64(low, high, FIRST_OTHER, LAST_OTHER)};
}
[[gnu::target("avx2,popcnt")]] int64_t count_lines32(const char* from, const char* to) {
  int64_t lines = 0;
  for (; to - from >= 32; from += 32) lines += __builtin_popcount(bits_of32(equal32(load32(from), '\n')));
  return lines + count_lines(from, to);
}

constexpr Wide AVX2{"avx2", value_ends64, text_ends64, simple64, count_lines32};

#endif

}  // namespace

const Wide& widest() {
#if defined(COLUMNAR_AVX2)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) return AVX2;
#endif
  return NARROW;
}

}  // namespace columnar
