// Growing memory of one Arrow buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "bytes.h"
#include "kept_memory.h"

namespace columnar {

// Bytes that are appended to.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (data_ != nullptr) free_block({data_, capacity_});
  }

  const uint8_t* data() const { return data_; }
  uint8_t* data() { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }

  void append(const void* bytes, size_t count) {
    reserve_more(count);
    copy_bytes(data_ + size_, bytes, count);
    size_ += count;
  }

  template <typename T>
  void push(T value) {
    reserve_more(sizeof value);
    push_reserved(value);
  }

  // After reserve_more().
  template <typename T>
  void push_reserved(T value) {
    std::memcpy(data_ + size_, &value, sizeof value);
    size_ += sizeof value;
  }

  void fill(uint8_t byte, size_t count) {
    reserve_more(count);
    if (count != 0) {
      std::memset(data_ + size_, byte, count);
      size_ += count;
    }
  }

  // Who appends a lot writes behind the last byte, where room was made, and says up to where it is filled then.
  void filled_to(const uint8_t* end) { size_ = static_cast<size_t>(end - data_); }

  // Forgets everything behind the first `size` bytes.
  void truncate(size_t size) { size_ = size < size_ ? size : size_; }

  bool has_room(size_t count) const { return capacity_ - size_ >= count; }
  // Room for `count` more bytes; throws std::bad_alloc.
  void reserve_more(size_t count) {
    if (!has_room(count)) [[unlikely]] grow(count);
  }

  // It will grow to about `times` what it is: room for that, if it is worth it and there is some.
  void expect(double times) {
    const double wanted = static_cast<double>(size_) * times;
    if (wanted > static_cast<double>(capacity_) && wanted > static_cast<double>(size_ + LEAST_EXPECTED) &&
        wanted < static_cast<double>(MOST_EXPECTED))
      resize(static_cast<size_t>(wanted));
  }

 private:
  static constexpr size_t LEAST_EXPECTED = 4096;
  static constexpr size_t MOST_EXPECTED = 1024 * 1024 * 1024;  // beyond, one waits and sees

  // Not here: so that what asks for room, which is nearly always there, is small enough to stand wherever it is needed.
  void grow(size_t count);
  bool resize(size_t capacity);

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace columnar
