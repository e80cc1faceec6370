// Sixteen bytes at a time: the few vector operations that scanning needs, on SSE2, NEON, or plain C++.
//
// Wider vectors were measured and gain nothing here: most runs between two structural characters are shorter than this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(COLUMNAR_PORTABLE)
#define COLUMNAR_SIMD_NAME "portable"
#elif defined(__SSE2__) || defined(_M_X64)
#define COLUMNAR_SIMD_NAME "sse2"
#define COLUMNAR_SSE2
#include <emmintrin.h>
#elif (defined(__aarch64__) || defined(_M_ARM64)) && !defined(__AARCH64EB__)
#define COLUMNAR_SIMD_NAME "neon"
#define COLUMNAR_NEON
#include <arm_neon.h>
#else
#define COLUMNAR_SIMD_NAME "portable"
#define COLUMNAR_PORTABLE
#endif

#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace columnar {

inline int trailing_zeros(uint64_t bits) {
#if defined(_MSC_VER)
  unsigned long at = 0;
  _BitScanForward64(&at, bits);
  return static_cast<int>(at);
#else
  return __builtin_ctzll(bits);
#endif
}

#if defined(COLUMNAR_SSE2)

struct Bytes16 {
  __m128i lanes;
};
inline Bytes16 load16(const char* from) { return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))}; }
inline Bytes16 splat(char byte) { return {_mm_set1_epi8(byte)}; }
inline Bytes16 operator|(Bytes16 a, Bytes16 b) { return {_mm_or_si128(a.lanes, b.lanes)}; }
inline Bytes16 operator&(Bytes16 a, Bytes16 b) { return {_mm_and_si128(a.lanes, b.lanes)}; }
inline Bytes16 and_not(Bytes16 a, Bytes16 b) { return {_mm_andnot_si128(b.lanes, a.lanes)}; }
inline Bytes16 minus(Bytes16 a, Bytes16 b) { return {_mm_sub_epi8(a.lanes, b.lanes)}; }
inline Bytes16 same(Bytes16 a, Bytes16 b) { return {_mm_cmpeq_epi8(a.lanes, b.lanes)}; }
inline Bytes16 equal(Bytes16 a, char byte) { return {_mm_cmpeq_epi8(a.lanes, _mm_set1_epi8(byte))}; }
// Whether signed bytes are less: with a positive bound, bytes from 0x80 on are, too.
inline Bytes16 less_signed(Bytes16 a, char bound) { return {_mm_cmplt_epi8(a.lanes, _mm_set1_epi8(bound))}; }
inline Bytes16 in_range(Bytes16 a, char first, char last) {
  const __m128i from_first = _mm_sub_epi8(a.lanes, _mm_set1_epi8(first));
  const __m128i width = _mm_set1_epi8(static_cast<char>(last - first));
  return {_mm_cmpeq_epi8(_mm_min_epu8(from_first, width), from_first)};
}
inline Bytes16 at_most(Bytes16 a, char bound) {
  return {_mm_cmpeq_epi8(_mm_min_epu8(a.lanes, _mm_set1_epi8(bound)), a.lanes)};
}
// The sum of all lanes.
inline uint32_t sum_of(Bytes16 a) {
  const __m128i halves = _mm_sad_epu8(a.lanes, _mm_setzero_si128());
  return static_cast<uint32_t>(_mm_cvtsi128_si32(halves)) + static_cast<uint32_t>(_mm_extract_epi16(halves, 4));
}
// A mask has a bit, or some, for each lane, which is either set or not; bits_of has the highest bit of each.
using Mask16 = uint32_t;
inline Mask16 mask_of(Bytes16 a) { return static_cast<uint32_t>(_mm_movemask_epi8(a.lanes)); }
inline Mask16 mask_of_others(Bytes16 a) { return mask_of(a) ^ 0xFFFFU; }
inline int first_of(Mask16 mask) { return trailing_zeros(mask); }
inline uint64_t bits_of(Bytes16 a) { return mask_of(a); }

#elif defined(COLUMNAR_NEON)

struct Bytes16 {
  uint8x16_t lanes;
};
inline Bytes16 load16(const char* from) { return {vld1q_u8(reinterpret_cast<const uint8_t*>(from))}; }
inline Bytes16 splat(char byte) { return {vdupq_n_u8(static_cast<uint8_t>(byte))}; }
inline Bytes16 operator|(Bytes16 a, Bytes16 b) { return {vorrq_u8(a.lanes, b.lanes)}; }
inline Bytes16 operator&(Bytes16 a, Bytes16 b) { return {vandq_u8(a.lanes, b.lanes)}; }
inline Bytes16 and_not(Bytes16 a, Bytes16 b) { return {vbicq_u8(a.lanes, b.lanes)}; }
inline Bytes16 minus(Bytes16 a, Bytes16 b) { return {vsubq_u8(a.lanes, b.lanes)}; }
inline Bytes16 same(Bytes16 a, Bytes16 b) { return {vceqq_u8(a.lanes, b.lanes)}; }
inline Bytes16 equal(Bytes16 a, char byte) { return {vceqq_u8(a.lanes, vdupq_n_u8(static_cast<uint8_t>(byte)))}; }
inline Bytes16 less_signed(Bytes16 a, char bound) {
  return {vcltq_s8(vreinterpretq_s8_u8(a.lanes), vdupq_n_s8(static_cast<int8_t>(bound)))};
}
inline Bytes16 in_range(Bytes16 a, char first, char last) {
  const uint8x16_t from_first = vsubq_u8(a.lanes, vdupq_n_u8(static_cast<uint8_t>(first)));
  return {vcleq_u8(from_first, vdupq_n_u8(static_cast<uint8_t>(last - first)))};
}
inline Bytes16 at_most(Bytes16 a, char bound) { return {vcleq_u8(a.lanes, vdupq_n_u8(static_cast<uint8_t>(bound)))}; }
inline uint32_t sum_of(Bytes16 a) { return vaddlvq_u8(a.lanes); }
using Mask16 = uint64_t;  // four bits a byte: NEON has no movemask
inline Mask16 mask_of(Bytes16 a) {
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(a.lanes), 4)), 0);
}
inline Mask16 mask_of_others(Bytes16 a) { return ~mask_of(a); }
inline int first_of(Mask16 mask) { return trailing_zeros(mask) >> 2; }
inline uint64_t bits_of(Bytes16 a) {
  constexpr uint8_t PLACES[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t set = vreinterpretq_u8_s8(vshrq_n_s8(vreinterpretq_s8_u8(a.lanes), 7));
  const uint8x16_t places = vandq_u8(set, vld1q_u8(PLACES));
  return static_cast<uint64_t>(vaddv_u8(vget_high_u8(places))) << 8 | vaddv_u8(vget_low_u8(places));
}

#else

struct Bytes16 {
  uint8_t lanes[16];
};
template <typename Operation>
inline Bytes16 each(Operation operation) {
  Bytes16 result;
  for (int i = 0; i < 16; ++i) result.lanes[i] = operation(i);
  return result;
}
inline uint8_t all_bits(bool set) { return set ? 0xFF : 0; }
inline Bytes16 load16(const char* from) {
  Bytes16 result;
  std::memcpy(result.lanes, from, 16);
  return result;
}
inline Bytes16 splat(char byte) {
  return each([=](int) { return static_cast<uint8_t>(byte); });
}
inline Bytes16 operator|(const Bytes16& a, const Bytes16& b) {
  return each([&](int i) { return static_cast<uint8_t>(a.lanes[i] | b.lanes[i]); });
}
inline Bytes16 operator&(const Bytes16& a, const Bytes16& b) {
  return each([&](int i) { return static_cast<uint8_t>(a.lanes[i] & b.lanes[i]); });
}
inline Bytes16 and_not(const Bytes16& a, const Bytes16& b) {
  return each([&](int i) { return static_cast<uint8_t>(a.lanes[i] & ~b.lanes[i]); });
}
inline Bytes16 minus(const Bytes16& a, const Bytes16& b) {
  return each([&](int i) { return static_cast<uint8_t>(a.lanes[i] - b.lanes[i]); });
}
inline Bytes16 same(const Bytes16& a, const Bytes16& b) {
  return each([&](int i) { return all_bits(a.lanes[i] == b.lanes[i]); });
}
inline Bytes16 equal(const Bytes16& a, char byte) {
  return each([&](int i) { return all_bits(a.lanes[i] == static_cast<uint8_t>(byte)); });
}
inline Bytes16 less_signed(const Bytes16& a, char bound) {
  return each([&](int i) { return all_bits(static_cast<int8_t>(a.lanes[i]) < static_cast<int8_t>(bound)); });
}
inline Bytes16 in_range(const Bytes16& a, char first, char last) {
  return each([&](int i) {
    const auto byte = a.lanes[i];
    return all_bits(byte >= static_cast<uint8_t>(first) && byte <= static_cast<uint8_t>(last));
  });
}
inline Bytes16 at_most(const Bytes16& a, char bound) {
  return each([&](int i) { return all_bits(a.lanes[i] <= static_cast<uint8_t>(bound)); });
}
inline uint32_t sum_of(const Bytes16& a) {
  uint32_t sum = 0;
  for (const uint8_t lane : a.lanes) sum += lane;
  return sum;
}
using Mask16 = uint32_t;
inline Mask16 mask_of(const Bytes16& a) {
  uint32_t bits = 0;
  for (int i = 0; i < 16; ++i) bits |= static_cast<uint32_t>(a.lanes[i] & 1) << i;
  return bits;
}
inline Mask16 mask_of_others(const Bytes16& a) { return mask_of(a) ^ 0xFFFFU; }
inline int first_of(Mask16 mask) { return trailing_zeros(mask); }
inline uint64_t bits_of(const Bytes16& a) {
  uint64_t bits = 0;
  for (int i = 0; i < 16; ++i) bits |= static_cast<uint64_t>(a.lanes[i] >> 7) << i;
  return bits;
}

#endif

// The first byte at which `stop` holds, or `end`. stop: masks(Bytes16) of sixteen bytes, at(char) of one.
template <typename Stop>
inline const char* skip_to(const char* from, const char* end, const Stop& stop) {
  while (end - from >= 16) {
    const Mask16 found = stop.mask(load16(from));
    if (found != 0) return from + first_of(found);
    from += 16;
  }
  while (from < end && !stop.at(*from)) ++from;
  return from;
}

}  // namespace columnar
