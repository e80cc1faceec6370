// What is asked about the bytes of a document where most are as expected, by vectors of one width or another. Code that
// is written once for all of them takes one of these; it is to be inlined into a function that is compiled for it.
#pragma once

#include <cstring>

#include "characters.h"
#include "shapes.h"
#include "simd.h"
#include "simd32.h"

#if defined(__GNUC__)
#define COLUMNAR_FOR_LANES [[gnu::always_inline]] inline
#else
#define COLUMNAR_FOR_LANES inline
#endif

namespace columnar {

// SIZE bytes are looked at at once. value_stops(), text_stops(): something for each byte that ends a value in `"`, or text,
// or needs a closer look; first(), the first of them. stands(): whether bytes stand somewhere, but for those ignored.
struct Lanes16 {
  static constexpr size_t SIZE = 16;
  static Mask16 value_stops(const char* from) { return ValueStop{'"'}.mask(load16(from)); }
  static Mask16 text_stops(const char* from) { return TextStop{}.mask(load16(from)); }
  static int first(Mask16 stops) { return first_of(stops); }
  static bool stands(const char* bytes, const char* ignored, const char* at) {
    const Bytes16 head = same(load16(at), load16(bytes)) | load16(ignored);
    const Bytes16 tail = same(load16(at + 16), load16(bytes + 16)) | load16(ignored + 16);
    return mask_of_others(head & tail) == 0;
  }
  static bool stands(const Expected& expected, const char* at) { return expected.stand(at); }
};

#if defined(COLUMNAR_AVX2)

struct Lanes32 {
  static constexpr size_t SIZE = 32;
  [[gnu::target("avx2,bmi")]] static uint32_t value_stops(const char* from) {
    constexpr Few32 FEW("\"&<");
    const __m256i bytes = load32(from);
    return bits_of32(_mm256_or_si256(less_signed32(bytes, 0x20), FEW.among(bytes)));
  }
  // Line ends and tabs are among them, which is simpler here.
  [[gnu::target("avx2,bmi")]] static uint32_t text_stops(const char* from) {
    constexpr Few32 FEW("]&<");
    const __m256i bytes = load32(from);
    return bits_of32(_mm256_or_si256(less_signed32(bytes, 0x20), FEW.among(bytes)));
  }
  [[gnu::target("avx2,bmi")]] static uint32_t first(uint32_t stops) { return static_cast<uint32_t>(__builtin_ctz(stops)); }
  [[gnu::target("avx2,bmi")]] static bool stands(const char* bytes, const char* ignored, const char* at) {
    return _mm256_testc_si256(load32(ignored), _mm256_xor_si256(load32(bytes), load32(at))) != 0;
  }
  [[gnu::target("avx2,bmi")]] static bool stands(const Expected& expected, const char* at) {
    return stands(expected.bytes(), expected.ignored(), at);
  }
};

#endif

// The size of a reference to one of the five entities that every document has; 0: it is another one, or none.
inline size_t entity_reference(const char* at) {
  const auto follows = [at](const char* name, size_t size) { return std::memcmp(at + 1, name, size) == 0; };
  if (follows("amp;", 4)) return 5;
  if (follows("lt;", 3) || follows("gt;", 3)) return 4;
  return follows("quot;", 5) || follows("apos;", 5) ? 6 : 0;
}

// Behind characters beyond ASCII, or behind a reference, that need no closer look than this; nullptr: they do need one.
// until: Expected::MOST bytes of the document follow, at least.
inline const char* behind_simple(const char* at, const char* until) {
  if (*at == '&') {
    const size_t size = at < until ? entity_reference(at) : 0;
    return size == 0 ? nullptr : at + size;
  }
  do {
    const int size = at < until ? simple_character(at, at + 3) : 0;
    if (size == 0) return nullptr;
    at += size;
  } while (static_cast<uint8_t>(*at) >= 0x80);
  return at;
}

}  // namespace columnar
