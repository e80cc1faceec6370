// Text that is put together of pieces of a document.
#pragma once

#include <string_view>

#include "arena.h"

namespace columnar {

// Pieces are not copied while they follow each other in the document.
class Rope {
 public:
  void append(std::string_view piece, Arena& arena) {
    if (piece.empty()) return;
    if (size_ == 0) {
      data_ = piece.data();
    } else if (capacity_ == 0 && data_ + size_ == piece.data()) {
      // goes on where the last one ended
    } else {
      if (capacity_ - (capacity_ == 0 ? 0 : size_) < piece.size()) grow(piece.size(), arena);
      std::memcpy(own_ + size_, piece.data(), piece.size());
    }
    size_ += piece.size();
  }

  std::string_view text() const { return {size_ == 0 ? "" : data_, size_}; }

 private:
  void grow(size_t more, Arena& arena) {
    capacity_ = 2 * (size_ + more);
    char* grown = arena.allocate(capacity_);
    std::memcpy(grown, data_, size_);
    data_ = own_ = grown;
  }

  const char* data_ = nullptr;
  char* own_ = nullptr;  // where the pieces were copied to
  size_t size_ = 0;
  size_t capacity_ = 0;  // 0: all of it lies in the document
};

}  // namespace columnar
