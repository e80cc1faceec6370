#include "buffer.h"

#include <new>

namespace columnar {

namespace {

constexpr size_t SMALL = 1024 * 1024;

}  // namespace

void Buffer::grow(size_t count) {
  if (count > SIZE_MAX / 4 - size_) throw std::bad_alloc();
  size_t wanted = capacity_ + (capacity_ < SMALL ? capacity_ : capacity_ / 2) + 256;
  if (wanted < size_ + count) wanted = size_ + count;
  if (!resize(wanted)) throw std::bad_alloc();
}

bool Buffer::resize(size_t capacity) {
  const Block resized = resize_block({data_, capacity_}, size_, capacity);
  if (resized.data == nullptr) return false;
  data_ = resized.data;
  capacity_ = resized.size;
  return true;
}

}  // namespace columnar
