#include "references.h"

#include <cstdint>

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

// What normalisation changes in a value.
struct Changed {
  Mask16 mask(Bytes16 bytes) const {
    return mask_of(equal(bytes, '&') | equal(bytes, '\n') | equal(bytes, '\t') | equal(bytes, '\r'));
  }
  bool at(char byte) const { return byte == '&' || byte == '\n' || byte == '\t' || byte == '\r'; }
};

}  // namespace

std::string_view resolve_reference(const char*& from, Arena& arena) {
  const char* at = from + 1;
  if (*at == '#') {
    ++at;
    char written[4];
    const int size = write_character(code_of(at), written);
    from = at + 1;
    return arena.copy({written, static_cast<size_t>(size)});
  }
  // lt, gt, amp, apos, quot
  const char first = at[0], second = at[1];
  while (*at != ';') ++at;
  from = at + 1;
  if (first == 'l') return "<";
  if (first == 'g') return ">";
  if (first == 'q') return "\"";
  return second == 'm' ? "&" : "'";
}

std::string_view resolve_references(std::string_view text, Arena& arena) {
  // It never grows: the shortest reference is longer than the character that it stands for.
  char* const begin = arena.allocate(text.size());
  char* to = begin;
  const auto append = [&to](const char* from, size_t size) {
    std::memcpy(to, from, size);
    to += size;
  };
  const char* at = text.data();
  const char* const end = at + text.size();
  while (const void* const found = std::memchr(at, '&', static_cast<size_t>(end - at))) {
    const auto* const reference = static_cast<const char*>(found);
    append(at, static_cast<size_t>(reference - at));
    at = reference;
    const std::string_view character = resolve_reference(at, arena);
    append(character.data(), character.size());
  }
  append(at, static_cast<size_t>(end - at));
  return {begin, static_cast<size_t>(to - begin)};
}

std::string_view normalise_value(std::string_view raw, Arena& arena) {
  // It never grows: the shortest reference is longer than the character that it stands for.
  char* const begin = arena.allocate(raw.size());
  char* to = begin;
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at < end) {
    const char* const run = skip_to(at, end, Changed{});
    if (run != at) {
      std::memcpy(to, at, static_cast<size_t>(run - at));
      to += run - at;
      at = run;
    } else if (*at == '&') {
      const std::string_view text = resolve_reference(at, arena);
      std::memcpy(to, text.data(), text.size());
      to += text.size();
    } else if (*at == '\r') {
      at += at + 1 < end && at[1] == '\n' ? 2 : 1;
      *to++ = ' ';
    } else {
      *to++ = ' ';
      ++at;
    }
  }
  return {begin, static_cast<size_t>(to - begin)};
}

}  // namespace columnar
