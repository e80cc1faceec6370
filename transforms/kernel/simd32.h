// Thirty-two bytes at a time, by AVX2, which not every processor has: these functions are compiled for those that have it,
// and are called on no other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd.h"

#if defined(COLUMNAR_SSE2) && defined(__GNUC__) && !defined(COLUMNAR_NARROW)
#define COLUMNAR_AVX2
#include <immintrin.h>

namespace columnar {

inline bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("popcnt");
}

[[gnu::target("avx2")]] inline __m256i load32(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
[[gnu::target("avx2")]] inline __m256i equal32(__m256i bytes, char byte) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte));
}
// As signed bytes, which those beyond ASCII are, too.
[[gnu::target("avx2")]] inline __m256i less_signed32(__m256i bytes, char bound) {
  return _mm256_cmpgt_epi8(_mm256_set1_epi8(bound), bytes);
}
[[gnu::target("avx2")]] inline __m256i at_most32(__m256i bytes, char bound) {
  return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(bound)), bytes);
}
[[gnu::target("avx2")]] inline __m256i in_range32(__m256i bytes, char first, char last) {
  const __m256i from_first = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  const __m256i width = _mm256_set1_epi8(static_cast<char>(last - first));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(from_first, width), from_first);
}
[[gnu::target("avx2")]] inline uint32_t bits_of32(__m256i bytes) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
}
[[gnu::target("avx2")]] inline uint64_t bits_of64(__m256i low, __m256i high) {
  return bits_of32(low) | static_cast<uint64_t>(bits_of32(high)) << 32;
}

// Those of a few ASCII characters, no two of which have the same lower four bits: each stands in the table at these. Zero
// is among them.
struct Few32 {
  char at[16] = {};
  constexpr explicit Few32(std::string_view few) {
    for (char each : few) at[each & 15] = each;
  }
  [[gnu::target("avx2")]] __m256i among(__m256i bytes) const {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, bytes), bytes);
  }
};

}  // namespace columnar

#endif
