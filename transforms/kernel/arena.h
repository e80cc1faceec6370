// Memory for the values of one document that do not lie in it as they are: references resolved, blanks normalised.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace columnar {

class Arena {
 public:
  // Room for `size` bytes, valid until clear().
  char* allocate(size_t size) {
    if (size > left_) grow(size);
    char* taken = at_;
    at_ += size;
    left_ -= size;
    return taken;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {"", 0};
    char* taken = allocate(text.size());
    std::memcpy(taken, text.data(), text.size());
    return {taken, text.size()};
  }

  void clear() {
    if (blocks_.size() > 1) {
      blocks_.resize(1);
    }
    at_ = blocks_.empty() ? nullptr : blocks_[0].get();
    left_ = blocks_.empty() ? 0 : BLOCK;
  }

 private:
  static constexpr size_t BLOCK = 64 * 1024;

  void grow(size_t size) {
    // The first block is always of one size, so that it can be kept from document to document.
    const size_t wanted = blocks_.empty() || size < BLOCK ? BLOCK : size;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(wanted));
    at_ = blocks_.back().get();
    left_ = wanted;
    if (size > wanted) grow(size);
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  size_t left_ = 0;
};

}  // namespace columnar
