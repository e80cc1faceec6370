// Memory for the values of documents that do not lie in them as they are: references resolved, blanks normalised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "bytes.h"

namespace columnar {

class Arena {
 public:
  // Room for `size` bytes, valid until clear(). AHEAD bytes more can be read behind them.
  char* allocate(size_t size) {
    if (size > left_) grow(size);
    char* taken = at_;
    at_ += size;
    left_ -= size;
    return taken;
  }

  std::string_view copy(std::string_view text) {
    static constexpr char NOTHING[AHEAD] = {};
    if (text.empty()) return {NOTHING, 0};
    char* taken = allocate(text.size());
    std::memcpy(taken, text.data(), text.size());
    return {taken, text.size()};
  }

  void clear() {
    if (blocks_.size() > 1) {
      blocks_.resize(1);
    }
    at_ = blocks_.empty() ? nullptr : blocks_[0].get();
    left_ = size_ = blocks_.empty() ? 0 : BLOCK;
  }

  // Of all that was allocated since clear(), at least.
  size_t size() const { return size_; }
  // Whether it is something that was allocated of late.
  bool holds(const char* at) const {
    return !blocks_.empty() && reinterpret_cast<uintptr_t>(at) - reinterpret_cast<uintptr_t>(blocks_.back().get()) <
                                   static_cast<uintptr_t>(at_ - blocks_.back().get());
  }

 private:
  static constexpr size_t BLOCK = 64 * 1024;

  void grow(size_t size) {
    // The first block is always of one size, so that it can be kept from document to document.
    const size_t wanted = blocks_.empty() || size < BLOCK ? BLOCK : size;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(wanted + AHEAD));
    size_ += wanted;
    at_ = blocks_.back().get();
    left_ = wanted;
    if (size > wanted) grow(size);
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  size_t left_ = 0;
  size_t size_ = 0;
};

}  // namespace columnar
