// What is asked about the bytes of a document where most are as expected, by vectors of one width or another. Code that
// is written once for all of them takes one of these; it is to be inlined into a function that is compiled for it.
#pragma once

#include <cstdint>

#include "beyond_ascii.h"
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

// Which bytes, as bits, end a value or a text, begin a reference, and are beyond ASCII.
struct Odd {
  uint64_t ends, references;
  BeyondAscii others;
};

// SIZE bytes are looked at at once. value_stops(), text_stops(): something for each byte that ends a value in `"`, or text,
// or needs a closer look; first(), the first of them. odd_in_value(), odd_in_text(): the same, but told from each
// other. stands(): whether bytes stand somewhere, but for those ignored.
struct Lanes16 {
  static constexpr size_t SIZE = 16;
  static Odd odd_in_value(const char* from) {
    const Bytes16 bytes = load16(from);
    return {bits_of(equal(bytes, '"') | equal(bytes, '<') | at_most(bytes, 0x1F)), bits_of(equal(bytes, '&')),
            find_beyond_ascii(bytes)};
  }
  static Odd odd_in_text(const char* from) {
    const Bytes16 bytes = load16(from);
    const Bytes16 controls = and_not(at_most(bytes, 0x1F), equal(bytes, '\n') | equal(bytes, '\t'));
    return {bits_of(controls | equal(bytes, '<') | equal(bytes, ']')), bits_of(equal(bytes, '&')),
            find_beyond_ascii(bytes)};
  }
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
  [[gnu::target("avx2,bmi")]] static Odd odd_in_value(const char* from) {
    constexpr Few32 FEW("\"<");
    const __m256i bytes = load32(from);
    return {bits_of32(_mm256_or_si256(at_most32(bytes, 0x1F), FEW.among(bytes))), bits_of32(equal32(bytes, '&')),
            find_beyond_ascii(bytes)};
  }
  [[gnu::target("avx2,bmi")]] static Odd odd_in_text(const char* from) {
    constexpr Few32 BLANKS("\t\n"), FEW("<]");
    const __m256i bytes = load32(from);
    const __m256i controls = _mm256_andnot_si256(BLANKS.among(bytes), at_most32(bytes, 0x1F));
    return {bits_of32(_mm256_or_si256(controls, FEW.among(bytes))), bits_of32(equal32(bytes, '&')),
            find_beyond_ascii(bytes)};
  }
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

}  // namespace columnar
