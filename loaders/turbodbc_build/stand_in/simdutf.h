// The four functions of simdutf that turbodbc 5.3.0 calls, with its contract: lengths are counted for valid text, a
// conversion writes as many units as the length function counted and returns that number, or 0 where the input is not
// valid Unicode (lone surrogates, overlong forms, code points above U+10FFFF, cut sequences).
// For machines whose distribution has no package of simdutf; little-endian ones, as turbodbc itself.
//
// No conversion writes past the counted length, for invalid input either: it writes one sequence at a time, each counted
// with as many units as it is written with, and stops before the first invalid one.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace simdutf {

static_assert(std::endian::native == std::endian::little);

namespace stand_in {

// A document is nearly all ASCII: eight bytes or four units are looked at together.
inline bool is_ascii(const char* text) noexcept {
  std::uint64_t bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  return (bytes & 0x8080808080808080u) == 0;
}

inline bool is_ascii(const char16_t* text) noexcept {
  std::uint64_t units;
  std::memcpy(&units, text, sizeof units);
  return (units & 0xFF80FF80FF80FF80u) == 0;
}

inline bool is_surrogate(char32_t unit) noexcept { return (unit & 0xFFFFF800u) == 0xD800; }
inline bool is_low_surrogate(char32_t unit) noexcept { return (unit & 0xFFFFFC00u) == 0xDC00; }

// A sequence of UTF-8 by its first byte: its length, the bits of the code point in it, and the least code point that
// may be written with that length (RFC 3629, section 3). Length 0: no sequence begins with that byte.
struct Lead {
  std::size_t length;
  char32_t bits;
  char32_t least;
};

inline Lead lead(unsigned char byte) noexcept {
  if (byte < 0x80) return {1, byte, 0};
  if (byte < 0xC0) return {0, 0, 0};
  if (byte < 0xE0) return {2, byte & 0x1Fu, 0x80};
  if (byte < 0xF0) return {3, byte & 0x0Fu, 0x800};
  if (byte < 0xF8) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace stand_in

// Units of UTF-16 that `size` bytes of UTF-8 take: one a sequence, two for one of four bytes.
inline std::size_t utf16_length_from_utf8(const char* input, std::size_t size) noexcept {
  std::size_t units = 0;
  for (std::size_t at = 0; at < size;) {
    if (size - at >= 8 && stand_in::is_ascii(input + at)) {
      units += 8;
      at += 8;
      continue;
    }
    const auto byte = static_cast<unsigned char>(input[at++]);
    units += ((byte & 0xC0) != 0x80) + (byte >= 0xF0);
  }
  return units;
}

// Bytes of UTF-8 that `size` units of UTF-16 take; each half of a surrogate pair counts two.
inline std::size_t utf8_length_from_utf16le(const char16_t* input, std::size_t size) noexcept {
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < size;) {
    if (size - at >= 4 && stand_in::is_ascii(input + at)) {
      bytes += 4;
      at += 4;
      continue;
    }
    const char16_t unit = input[at++];
    bytes += 1 + (unit >= 0x80) + (unit >= 0x800 && !stand_in::is_surrogate(unit));
  }
  return bytes;
}

// Units written to `output`, which has room for utf16_length_from_utf8(input, size); 0 for invalid input.
inline std::size_t convert_utf8_to_utf16le(const char* input, std::size_t size, char16_t* output) noexcept {
  char16_t* to = output;
  for (std::size_t at = 0; at < size;) {
    if (size - at >= 8 && stand_in::is_ascii(input + at)) {
      for (std::size_t i = 0; i < 8; ++i) *to++ = static_cast<unsigned char>(input[at + i]);
      at += 8;
      continue;
    }
    const auto [length, bits, least] = stand_in::lead(static_cast<unsigned char>(input[at]));
    if (length == 0 || length > size - at) return 0;
    char32_t point = bits;
    for (std::size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(input[at + i]);
      if ((byte & 0xC0) != 0x80) return 0;
      point = (point << 6) | (byte & 0x3Fu);
    }
    if (point < least || point > 0x10FFFF || stand_in::is_surrogate(point)) return 0;
    if (point < 0x10000) {
      *to++ = static_cast<char16_t>(point);
    } else {
      *to++ = static_cast<char16_t>(0xD7C0 + (point >> 10));  // 0xD800 less 0x10000 >> 10
      *to++ = static_cast<char16_t>(0xDC00 + (point & 0x3FF));
    }
    at += length;
  }
  return static_cast<std::size_t>(to - output);
}

// Bytes written to `output`, which has room for utf8_length_from_utf16le(input, size); 0 for invalid input.
inline std::size_t convert_utf16le_to_utf8(const char16_t* input, std::size_t size, char* output) noexcept {
  char* to = output;
  const auto tail = [&to](char32_t bits) { *to++ = static_cast<char>(0x80 | (bits & 0x3F)); };
  for (std::size_t at = 0; at < size;) {
    if (size - at >= 4 && stand_in::is_ascii(input + at)) {
      for (std::size_t i = 0; i < 4; ++i) *to++ = static_cast<char>(input[at + i]);
      at += 4;
      continue;
    }
    char32_t point = input[at++];
    if (stand_in::is_surrogate(point)) {
      if (stand_in::is_low_surrogate(point) || at == size || !stand_in::is_low_surrogate(input[at])) return 0;
      point = 0x10000 + ((point - 0xD800) << 10) + (input[at++] - 0xDC00u);
    }
    if (point < 0x80) {
      *to++ = static_cast<char>(point);
    } else if (point < 0x800) {
      *to++ = static_cast<char>(0xC0 | (point >> 6));
      tail(point);
    } else if (point < 0x10000) {
      *to++ = static_cast<char>(0xE0 | (point >> 12));
      tail(point >> 6);
      tail(point);
    } else {
      *to++ = static_cast<char>(0xF0 | (point >> 18));
      tail(point >> 12);
      tail(point >> 6);
      tail(point);
    }
  }
  return static_cast<std::size_t>(to - output);
}

}  // namespace simdutf
