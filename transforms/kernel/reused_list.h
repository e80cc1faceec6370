// A list that is filled over and over.
#pragma once

#include <cstddef>
#include <vector>

namespace columnar {

// Keeps its memory and what was in it: add() only says that there is one more.
template <typename T>
class ReusedList {
 public:
  T* begin() { return all_.data(); }
  T* end() { return all_.data() + size_; }
  const T* begin() const { return all_.data(); }
  const T* end() const { return all_.data() + size_; }
  T& operator[](size_t at) { return all_[at]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  void resize(size_t size) { size_ = size; }  // to at most what there is room for
  // What it was before is still there.
  T& add() {
    if (size_ == room_) {
      room_ = size_ * 2 + 32;
      all_.resize(room_);
    }
    return all_[size_++];
  }
  // Where the first `count` are or may be put; resize() then says how many there are.
  T* room(size_t count) {
    if (room_ < count) {
      room_ = count + 32;
      all_.resize(room_);
    }
    return all_.data();
  }

 private:
  std::vector<T> all_;
  size_t size_ = 0;
  size_t room_ = 0;
};

}  // namespace columnar
