#include "wide.h"

#include "beyond_ascii.h"
#include "characters.h"
#include "simd.h"
#include "simd32.h"

namespace columnar {

namespace {

constexpr uint64_t ALL = ~uint64_t{0};

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

bool are_simple(const char* from, uint64_t& begun) {
  for (size_t word = 0; word < WINDOW / 64; ++word, from += 64) {
    BeyondAscii found{0, 0, 0, 0};
    for (size_t i = 0; i < 64; i += 16) {
      found.add(find_beyond_ascii(load16(from + i)), i);
    }
    if (!found.are_simple<64>(ALL, begun)) return false;
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
    BeyondAscii found = find_beyond_ascii(low);
    found.add(find_beyond_ascii(high), 32);
    if (!found.are_simple<64>(ALL, begun)) return false;
  }
  return true;
}
[[gnu::target("avx2,popcnt")]] int64_t count_lines32(const char* from, const char* to) {
  if (to - from < 32) return count_lines(from, to);
  int64_t lines = 0;
  while (to - from >= 128) {
    __m256i sums = _mm256_setzero_si256();  // of 63 rounds at most: no byte of it can overflow
    for (int round = 0; round < 63 && to - from >= 128; ++round, from += 128) {
      const __m256i one = _mm256_add_epi8(equal32(load32(from), '\n'), equal32(load32(from + 32), '\n'));
      const __m256i other = _mm256_add_epi8(equal32(load32(from + 64), '\n'), equal32(load32(from + 96), '\n'));
      sums = _mm256_sub_epi8(sums, _mm256_add_epi8(one, other));  // a byte that is equal is minus one
    }
    int64_t quarters[4];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(quarters), _mm256_sad_epu8(sums, _mm256_setzero_si256()));
    lines += quarters[0] + quarters[1] + quarters[2] + quarters[3];
  }
  for (; to - from >= 32; from += 32) lines += __builtin_popcount(bits_of32(equal32(load32(from), '\n')));
  if (from == to) return lines;
  const uint32_t last = bits_of32(equal32(load32(to - 32), '\n'));  // some of which were counted
  return lines + __builtin_popcount(last >> (32 - (to - from)));
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
