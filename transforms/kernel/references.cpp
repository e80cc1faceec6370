#include "references.h"

#include <cstdint>
#include <cstring>

#include "characters.h"

namespace columnar {

namespace {

uint32_t digit_of(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

// The code point of `&#...;`, which was checked to be one.
uint32_t code_of(const char*& at) {
  const bool hexadecimal = *at == 'x';
  if (hexadecimal) ++at;
  uint32_t code = 0;
  for (; *at != ';'; ++at) code = code * (hexadecimal ? 16 : 10) + digit_of(*at);
  return code;
}

// What normalisation changes in a value: references and blanks, which are all that stands there before the space.
struct Changed {
  Mask16 mask(Bytes16 bytes) const { return mask_of(equal(bytes, '&') | at_most(bytes, 0x1F)); }
  bool at(char byte) const { return byte == '&' || static_cast<uint8_t>(byte) < ' '; }
};

// Writes what a reference stands for, and passes it; behind what was written.
char* write_reference(const char*& at, char* to) {
  if (at[1] == '#') {
    at += 2;
    to += write_character(code_of(at), to);
    ++at;
    return to;
  }
  // lt, gt, amp, apos, quot
  const char first = at[1];
  if (first == 'l' || first == 'g') {
    *to = first == 'l' ? '<' : '>';
    at += 4;
  } else if (at[2] == 'm') {
    *to = '&';
    at += 5;
  } else {
    *to = first == 'q' ? '"' : '\'';
    at += 6;
  }
  return to + 1;
}

}  // namespace

std::string_view resolve_reference(const char*& from, Arena& arena) {
  char written[4];
  const char* const end = write_reference(from, written);
  return arena.copy({written, static_cast<size_t>(end - written)});
}

std::string_view resolve_references(std::string_view text, Arena& arena) {
  // It never grows: the shortest reference is longer than the character that it stands for.
  char* const begin = arena.allocate(text.size());
  char* to = begin;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto copy_until = [&](const char* until) {
    const auto size = static_cast<size_t>(until - at);
    std::memcpy(to, at, size);
    to += size;
    at = until;
  };
  while (const void* const found = std::memchr(at, '&', static_cast<size_t>(end - at))) {
    copy_until(static_cast<const char*>(found));
    to = write_reference(at, to);
  }
  copy_until(end);
  return {begin, static_cast<size_t>(to - begin)};
}

std::string_view normalise_value(std::string_view raw, Arena& arena) {
  // It never grows: the shortest reference is longer than the character that it stands for. So as many bytes can be
  // written as are left to be read.
  char* const begin = arena.allocate(raw.size());
  char* to = begin;
  const char* at = raw.data();
  const char* const end = at + raw.size();
  const Changed changed;
  for (;;) {
    while (end - at >= 16) {
      const Mask16 found = changed.mask(load16(at));
      std::memcpy(to, at, 16);
      const int kept = found == 0 ? 16 : first_of(found);
      to += kept;
      at += kept;
      if (found != 0) break;
    }
    while (at < end && !changed.at(*at)) *to++ = *at++;
    if (at == end) break;
    if (*at == '&') {
      to = write_reference(at, to);
    } else {
      at += *at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
      *to++ = ' ';
    }
  }
  return {begin, static_cast<size_t>(to - begin)};
}

}  // namespace columnar
