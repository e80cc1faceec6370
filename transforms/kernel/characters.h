// The characters of XML 1.0, fifth edition, in UTF-8: which may stand where, and where runs of harmless ones end.
#pragma once

#include <array>
#include <cstdint>

#include "simd.h"
#include "wide.h"

namespace columnar {

constexpr bool is_blank(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

// What an ASCII byte may be in a name (production 4 and 4a, without the colon).
enum NameByte : uint8_t { not_in_name = 0, inside_name = 1, starts_name = 3, beyond_ascii = 4 };

constexpr std::array<uint8_t, 256> make_name_bytes() {
  std::array<uint8_t, 256> bytes{};
  for (int c = 'a'; c <= 'z'; ++c) bytes[c] = starts_name;
  for (int c = 'A'; c <= 'Z'; ++c) bytes[c] = starts_name;
  for (int c = '0'; c <= '9'; ++c) bytes[c] = inside_name;
  bytes['_'] = starts_name;
  bytes['-'] = bytes['.'] = inside_name;
  for (int c = 0x80; c <= 0xFF; ++c) bytes[c] = beyond_ascii;
  return bytes;
}
inline constexpr std::array<uint8_t, 256> NAME_BYTES = make_name_bytes();
inline uint8_t name_byte(char byte) { return NAME_BYTES[static_cast<uint8_t>(byte)]; }

// Where the ASCII letters, digits, `_`, `-` and `.` of a name end.
struct NameStop {
  Mask16 mask(Bytes16 bytes) const {
    const Bytes16 letters = in_range(bytes | splat(0x20), 'a', 'z');
    const Bytes16 others = and_not(in_range(bytes, '-', '9'), equal(bytes, '/'));
    return mask_of_others(letters | others | equal(bytes, '_'));
  }
  bool at(char byte) const { return (name_byte(byte) & inside_name) == 0; }
};

// Where a value in quotes ends, or needs a closer look: markup, references, blanks but the space, and bytes that are
// not ASCII.
struct ValueStop {
  char quote;
  Mask16 mask(Bytes16 bytes) const {
    return mask_of(equal(bytes, quote) | equal(bytes, '<') | equal(bytes, '&') | less_signed(bytes, 0x20));
  }
  bool at(char byte) const { return byte == quote || byte == '<' || byte == '&' || static_cast<int8_t>(byte) < 0x20; }
};

// Where text ends, or needs a closer look: references, `]`, control characters and bytes that are not ASCII.
struct TextStop {
  Mask16 mask(Bytes16 bytes) const {
    const Bytes16 controls = and_not(less_signed(bytes, 0x20), equal(bytes, '\n') | equal(bytes, '\t'));
    return mask_of(controls | equal(bytes, '<') | equal(bytes, '&') | equal(bytes, ']'));
  }
  bool at(char byte) const {
    return byte == '<' || byte == '&' || byte == ']' ||
           (static_cast<int8_t>(byte) < 0x20 && byte != '\n' && byte != '\t');
  }
};

// Where the blanks, as a rule few, between two pieces of markup end; `from`, if that is not surely seen here. from: before
// the document's end.
inline const char* after_blanks(const char* from, const char* end) {
  const char* at = from;
  for (int round = 0; round < 3 && end - at > 16; ++round, at += 16) {
    const Bytes16 bytes = load16(at);
    const Mask16 others = mask_of_others(equal(bytes, ' ') | equal(bytes, '\n') | equal(bytes, '\t'));
    if (others != 0) return at[first_of(others)] == '<' ? at + first_of(others) : from;
  }
  return from;
}

// The same for text in a window: characters beyond ASCII are looked at there.
struct TextEnds {
  static Bytes16 bytes(Bytes16 bytes) {
    const Bytes16 controls = and_not(at_most(bytes, 0x1F), equal(bytes, '\n') | equal(bytes, '\t'));
    return controls | equal(bytes, '<') | equal(bytes, '&') | equal(bytes, ']');
  }
};

// Where the inside of a comment, a processing instruction or a CDATA section may end, or needs a closer look.
struct InsideStop {
  char ending;  // `-`, `?` or `]`
  Mask16 mask(Bytes16 bytes) const {
    const Bytes16 controls = and_not(less_signed(bytes, 0x20), equal(bytes, '\n') | equal(bytes, '\t'));
    return mask_of(controls | equal(bytes, ending));
  }
  bool at(char byte) const {
    return byte == ending || (static_cast<int8_t>(byte) < 0x20 && byte != '\n' && byte != '\t');
  }
};

// How a character beyond ASCII is written. size 0: it is no UTF-8, or it ends with the document.
struct Character {
  uint32_t code = 0;
  int size = 0;
  bool cut = false;        // the document ends inside of it
  bool may_go_on = false;  // cut: what is there can be the beginning of one
};

// The size of a character of two or three bytes whose first byte says that it is allowed; 0: read_character has to look.
inline int simple_character(const char* from, const char* end) {
  const auto continues = [](char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; };
  const auto first = static_cast<uint8_t>(*from);
  if (first >= 0xC2 && first <= 0xDF) return end - from >= 2 && continues(from[1]) ? 2 : 0;
  // neither the too long ones of 0xE0, nor the surrogates of 0xED, nor U+FFFE and U+FFFF of 0xEF
  if (first >= 0xE1 && first <= 0xEE && first != 0xED)
    return end - from >= 3 && continues(from[1]) && continues(from[2]) ? 3 : 0;
  return 0;
}

Character read_character(const char* from, const char* end);

// Production 2: what a document may contain; code points of one to four bytes.
constexpr bool is_allowed(uint32_t code) {
  return code >= 0x20 ? code < 0xD800 || (code > 0xDFFF && code < 0xFFFE) || (code > 0xFFFF && code <= 0x10FFFF)
                      : code == '\t' || code == '\n' || code == '\r';
}
bool starts_a_name(uint32_t code);   // production 4, beyond ASCII
bool stands_in_a_name(uint32_t code);  // production 4a, beyond ASCII

// Writes a code point as UTF-8 into `to`, which has room for four bytes; how many it took.
int write_character(uint32_t code, char* to);

}  // namespace columnar
