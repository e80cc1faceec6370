#include "characters.h"

namespace columnar {

namespace {

bool continues(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

// The length that a first byte announces, 0 for one that cannot be first (Unicode 15, table 3-7).
int announced(uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xC0) return 0;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

bool can_be_first(uint8_t first) { return first < 0x80 || (first >= 0xC2 && first <= 0xF4); }

// Whether the document ends before the bytes that a first one announces; the reference asks this before anything else.
bool is_cut(const char* from, const char* end, int size) {
  if (end - from >= size) return false;
  for (const char* at = from + 1; at < end; ++at)
    if (!continues(*at)) return false;
  return true;
}

// The second byte alone rules out what would be too long, a surrogate, or beyond the last code point.
bool second_fits(uint8_t first, uint8_t second) {
  switch (first) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return second >= 0x80 && second <= 0xBF;
  }
}

struct Range {
  uint32_t first, last;
};

template <size_t N>
bool in_any(const Range (&ranges)[N], uint32_t code) {
  for (const Range& range : ranges)
    if (code >= range.first && code <= range.last) return true;
  return false;
}

constexpr Range STARTS[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
                            {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
                            {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
constexpr Range INSIDE[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

}  // namespace

Character read_character(const char* from, const char* end) {
  const auto first = static_cast<uint8_t>(*from);
  const int size = announced(first);
  if (size == 0) return {};
  if (size == 1) return {first, 1, false};
  if (is_cut(from, end, size)) {
    const bool second = end - from < 2 || first == 0xED || second_fits(first, static_cast<uint8_t>(from[1]));
    return {0, 0, true, can_be_first(first) && second};
  }
  if (!can_be_first(first) || end - from < size) return {};
  uint32_t code = first & (0xFFU >> (size + 1));
  for (int i = 1; i < size; ++i) {
    const auto byte = static_cast<uint8_t>(from[i]);
    if (i == 1 ? !second_fits(first, byte) : !continues(from[i])) return {};
    code = code << 6 | (byte & 0x3FU);
  }
  return {code, size, false};
}

bool starts_a_name(uint32_t code) { return in_any(STARTS, code); }

bool stands_in_a_name(uint32_t code) { return in_any(STARTS, code) || in_any(INSIDE, code); }

int write_character(uint32_t code, char* to) {
  if (code < 0x80) {
    to[0] = static_cast<char>(code);
    return 1;
  }
  const int size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (int i = size - 1; i > 0; --i) {
    to[i] = static_cast<char>(0x80 | (code & 0x3F));
    code >>= 6;
  }
  to[0] = static_cast<char>((0xF00 >> size & 0xF0) | code);
  return size;
}

}  // namespace columnar
