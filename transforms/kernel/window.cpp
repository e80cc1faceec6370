#include "window.h"

namespace columnar {

template <typename Ends>
const char* Window<Ends>::search(const char* from, size_t offset) {
  if (offset >= SIZE) {
    look(from, 0);
  } else {
    look(at_ + SIZE, begun_);
  }
  while (found_ == 0) look(at_ + SIZE, begun_);
  return at_ + trailing_zeros(found_);
}

template <typename Ends>
void Window<Ends>::look(const char* from, uint32_t begun) {
  at_ = from;
  begun_ = 0;
  char last[SIZE];
  const auto left = static_cast<size_t>(end_ - from);
  if (left < SIZE) [[unlikely]] from = copy_of_last(last, left);
  const Looked looked = Ends::look(wide_, from);
  found_ = looked.ends;
  if (looked.beyond_ascii != 0) [[unlikely]] look_beyond_ascii(from, looked.beyond_ascii, begun);
}

// bytes: of the window, or a copy of them.
template <typename Ends>
void Window<Ends>::look_beyond_ascii(const char* bytes, uint64_t beyond_ascii, uint32_t begun) {
  if (!are_simple(bytes, beyond_ascii, begun)) found_ |= not_simple(beyond_ascii >> begun << begun);
}

template <typename Ends>
const char* Window<Ends>::copy_of_last(char* to, size_t left) const {
  std::memcpy(to, at_, left);
  std::memset(to + left, 0, SIZE - left);
  return to;
}

// Whether all characters beyond ASCII are of two or three bytes, and begin with one that is followed by any others of
// their kind.
template <typename Ends>
bool Window<Ends>::are_simple(const char* bytes, uint64_t beyond_ascii, uint32_t begun) {
  const auto [two, three, others] = wide_.simple(bytes);
  if ((beyond_ascii & ~(two | three | others)) != 0) return false;
  const uint64_t expected = (two | three) << 1 | three << 2 | ((uint64_t{1} << begun) - 1);
  if (others != expected) return false;
  const uint32_t goes_on = three >> 63 != 0 ? 2 : (two >> 63 | three >> 62) != 0 ? 1 : 0;  // behind these bytes
  if (goes_on != 0) {
    const auto continues = [](char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; };
    if (end_ - at_ < static_cast<std::ptrdiff_t>(SIZE + goes_on)) return false;
    if (!continues(at_[SIZE]) || !continues(at_[SIZE + goes_on - 1])) return false;
  }
  begun_ = goes_on;
  return true;
}

template <typename Ends>
uint64_t Window<Ends>::not_simple(uint64_t beyond_ascii) {
  uint64_t others = 0;
  while (beyond_ascii != 0) {
    const auto offset = static_cast<uint32_t>(trailing_zeros(beyond_ascii));
    const auto size = static_cast<uint32_t>(simple_character(at_ + offset, end_));
    if (size == 0) {
      others |= beyond_ascii & (0 - beyond_ascii);
      beyond_ascii &= beyond_ascii - 1;
      continue;
    }
    if (offset + size > SIZE) begun_ = offset + size - static_cast<uint32_t>(SIZE);
    beyond_ascii &= ~(((uint64_t{1} << size) - 1) << offset);
  }
  return others;
}

template class Window<ValueEnds>;
template class Window<TextEnds>;

}  // namespace columnar
