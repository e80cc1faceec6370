// Growing memory of one Arrow buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "bytes.h"

namespace columnar {

// Bytes that are appended to. Grown with realloc, which for large blocks moves pages instead of copying them.
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
  ~Buffer() { std::free(data_); }

  const uint8_t* data() const { return data_; }
  uint8_t* data() { return data_; }
  size_t size() const { return size_; }

  void append(const void* bytes, size_t count) {
    reserve_more(count);
    copy_bytes(data_ + size_, bytes, count);
    size_ += count;
  }

  // The same for bytes that, few or many, are followed by others: AHEAD can be read from the first one on.
  static constexpr size_t AHEAD = 16;
  void append_ahead(const void* bytes, size_t count) {
    reserve_more(count + AHEAD);
    std::memcpy(data_ + size_, bytes, AHEAD);
    if (count > AHEAD) copy_bytes(data_ + size_ + AHEAD, static_cast<const char*>(bytes) + AHEAD, count - AHEAD);
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

  // Forgets everything behind the first `size` bytes.
  void truncate(size_t size) { size_ = size < size_ ? size : size_; }

  // Room for `count` more bytes; throws std::bad_alloc.
  void reserve_more(size_t count) {
    if (capacity_ - size_ < count) grow(count);
  }

 private:
  static constexpr size_t SMALL = 1024 * 1024;

  void grow(size_t count) {
    if (count > SIZE_MAX / 4 - size_) throw std::bad_alloc();
    size_t wanted = capacity_ + (capacity_ < SMALL ? capacity_ : capacity_ / 2) + 64;
    if (wanted < size_ + count) wanted = size_ + count;
    void* grown = std::realloc(data_, wanted);
    if (grown == nullptr) throw std::bad_alloc();
    data_ = static_cast<uint8_t*>(grown);
    capacity_ = wanted;
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace columnar
