// What was begun and is not yet done, the last on top.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace columnar {

// Something is put on it and taken off at every element: unlike std::vector it has nothing to destroy then.
template <typename T>
class Stack {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  void push(const T& each) {
    if (size_ == room_) [[unlikely]] {
      const T kept = each;  // it may be one of these
      grow(1);
      all_[size_++] = kept;
      return;
    }
    all_[size_++] = each;
  }
  // So many more, of zeros.
  void extend(size_t count) {
    if (count > room_ - size_) [[unlikely]] grow(count);
    if (count != 0) std::memset(static_cast<void*>(all_.get() + size_), 0, count * sizeof(T));
    size_ += count;
  }
  void pop() { --size_; }
  void shorten(size_t size) { size_ = size; }
  void clear() { size_ = 0; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return all_.get(); }
  const T* data() const { return all_.get(); }
  T& back() { return all_[size_ - 1]; }
  const T& back() const { return all_[size_ - 1]; }
  T& operator[](size_t at) { return all_[at]; }
  const T& operator[](size_t at) const { return all_[at]; }

 private:
  void grow(size_t more) {
    const size_t room = std::max<size_t>(2 * room_, size_ + more) + 16;
    auto larger = std::make_unique_for_overwrite<T[]>(room);
    std::copy_n(all_.get(), size_, larger.get());
    all_ = std::move(larger);
    room_ = room;
  }

  std::unique_ptr<T[]> all_;
  size_t size_ = 0;
  size_t room_ = 0;
};

}  // namespace columnar
