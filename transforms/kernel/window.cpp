#include "window.h"

#include <algorithm>
#include <cstring>

#include "hash.h"

namespace columnar {

const char* Window::search(const char* from, size_t offset) {
  if (offset < WINDOW) {
    if (const char* const found = first_found(offset / 64 + 1)) return found;
    look(at_ + WINDOW, begun_);
  } else {
    look(from, 0);
  }
  for (;;) {
    if (const char* const found = first_found(0)) return found;
    look(at_ + WINDOW, begun_);
  }
}

// The first among the bytes of this word and those behind it, nullptr: there is none.
const char* Window::first_found(size_t word) const {
  for (; word < WINDOW / 64; ++word)
    if (found_[word] != 0) return at_ + word * 64 + trailing_zeros(found_[word]);
  return nullptr;
}

// begun: which of the bytes belong to a character that began before them.
void Window::look(const char* from, uint64_t begun) {
  at_ = from;
  begun_ = 0;
  char last[WINDOW];
  if (end_ - from < static_cast<std::ptrdiff_t>(WINDOW)) [[unlikely]] from = copy_of_last(last);
  const bool beyond_ascii = wide_.text_ends(from, found_);
  if (beyond_ascii) [[unlikely]] look_beyond_ascii(from, begun);
}

const char* Window::copy_of_last(char* to) const {
  const auto left = static_cast<size_t>(end_ - at_);
  std::memcpy(to, at_, left);
  std::memset(to + left, 0, WINDOW - left);
  return to;
}

// bytes: of the window, or a copy of them.
void Window::look_beyond_ascii(const char* bytes, uint64_t begun) {
  const auto continues = [](char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; };
  uint64_t goes_on = begun;
  bool simple = wide_.are_simple(bytes, goes_on);
  if (simple && goes_on != 0) {
    const std::ptrdiff_t more = goes_on == 1 ? 1 : 2;
    simple = end_ - at_ >= static_cast<std::ptrdiff_t>(WINDOW) + more && continues(at_[WINDOW]) &&
             continues(at_[WINDOW + more - 1]);
  }
  if (simple) {
    begun_ = goes_on;
  } else {
    mark_others(begun);
  }
}

// Marks those characters beyond ASCII that are not simple.
void Window::mark_others(uint64_t begun) {
  constexpr uint64_t BEYOND_ASCII = 0x8080808080808080;  // in each of eight bytes
  const auto size = std::min(static_cast<size_t>(end_ - at_), WINDOW);
  size_t at = begun == 0 ? 0 : begun == 1 ? 1 : 2;
  while (at < size) {
    if (at + 8 <= size && (load_word(at_ + at) & BEYOND_ASCII) == 0) {
      at += 8;
    } else if (static_cast<uint8_t>(at_[at]) < 0x80) {
      ++at;
    } else if (const int simple = simple_character(at_ + at, end_)) {
      at += static_cast<size_t>(simple);
    } else {
      found_[at / 64] |= uint64_t{1} << at % 64;
      ++at;
    }
  }
  if (at > WINDOW) begun_ = at == WINDOW + 1 ? 1 : 3;
}

}  // namespace columnar
