// Copying and comparing few bytes without a call: names and values are short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace columnar {

// Each branch reads a head and a tail that may overlap, and never a byte beyond them.
inline void copy_bytes(void* to, const void* from, size_t size) {
  auto* target = static_cast<uint8_t*>(to);
  const auto* source = static_cast<const uint8_t*>(from);
  if (size > 32) {
    std::memcpy(target, source, size);
  } else if (size > 16) {
    uint64_t head[2], tail[2];
    std::memcpy(&head, source, 16);
    std::memcpy(&tail, source + size - 16, 16);
    std::memcpy(target, &head, 16);
    std::memcpy(target + size - 16, &tail, 16);
  } else if (size >= 8) {
    uint64_t head, tail;
    std::memcpy(&head, source, 8);
    std::memcpy(&tail, source + size - 8, 8);
    std::memcpy(target, &head, 8);
    std::memcpy(target + size - 8, &tail, 8);
  } else if (size >= 4) {
    uint32_t head, tail;
    std::memcpy(&head, source, 4);
    std::memcpy(&tail, source + size - 4, 4);
    std::memcpy(target, &head, 4);
    std::memcpy(target + size - 4, &tail, 4);
  } else if (size > 0) {
    const uint8_t head = source[0], middle = source[size / 2], tail = source[size - 1];
    target[0] = head;
    target[size / 2] = middle;
    target[size - 1] = tail;
  }
}

// So many bytes can be read and written behind what copy_ahead() copies: then it does not ask how few there are.
constexpr size_t AHEAD = 32;

inline void copy_32(uint8_t* to, const char* from) {
  uint64_t first[2], second[2];
  std::memcpy(&first, from, 16);
  std::memcpy(&second, from + 16, 16);
  std::memcpy(to, &first, 16);
  std::memcpy(to + 16, &second, 16);
}

inline void copy_ahead(uint8_t* to, const char* from, size_t size) {
  constexpr size_t MANY = 4 * AHEAD;
  copy_32(to, from);
  if (size <= AHEAD) [[likely]] return;
  if (size > MANY) {
    std::memcpy(to + AHEAD, from + AHEAD, size - AHEAD);
    return;
  }
  for (size_t done = AHEAD; done < size; done += AHEAD) copy_32(to + done, from + done);
}

inline bool same_bytes(const char* one, const char* other, size_t size) {
  if (size > 32) return std::memcmp(one, other, size) == 0;
  if (size > 16) return same_bytes(one, other, 16) && same_bytes(one + size - 16, other + size - 16, 16);
  if (size >= 8) {
    uint64_t heads[2], tails[2];
    std::memcpy(&heads[0], one, 8);
    std::memcpy(&heads[1], other, 8);
    std::memcpy(&tails[0], one + size - 8, 8);
    std::memcpy(&tails[1], other + size - 8, 8);
    return heads[0] == heads[1] && tails[0] == tails[1];
  }
  if (size >= 4) {
    uint32_t heads[2], tails[2];
    std::memcpy(&heads[0], one, 4);
    std::memcpy(&heads[1], other, 4);
    std::memcpy(&tails[0], one + size - 4, 4);
    std::memcpy(&tails[1], other + size - 4, 4);
    return heads[0] == heads[1] && tails[0] == tails[1];
  }
  for (size_t i = 0; i < size; ++i)
    if (one[i] != other[i]) return false;
  return true;
}

}  // namespace columnar
