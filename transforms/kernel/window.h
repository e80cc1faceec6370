// The next few hundred bytes of a document, with a bit for each at which text may end: most are shorter than that, and
// finding the next end is then a shift instead of a search.
#pragma once

#include <cstddef>
#include <cstdint>

#include "characters.h"
#include "simd.h"
#include "wide.h"

namespace columnar {

class Window {
 public:
  void begin(const char* end) {
    at_ = nullptr;
    end_ = end;
  }

  // The next byte that ends a text or needs a closer look, or the document's end. Characters beyond ASCII need one only
  // if they are not simple. from: where a character begins.
  const char* next(const char* from) {
    const auto offset = static_cast<size_t>(reinterpret_cast<uintptr_t>(from) - reinterpret_cast<uintptr_t>(at_));
    if (offset < WINDOW) {
      const uint64_t found = found_[offset / 64] >> offset % 64;
      if (found != 0) return from + trailing_zeros(found);
    }
    return search(from, offset);
  }

 private:
  // Goes on behind the sixty-four bytes that `from` is among, or from there where it lies elsewhere.
  const char* search(const char* from, size_t offset);
  const char* first_found(size_t word) const;
  void look(const char* from, uint64_t begun);
  // The document's last bytes, and behind them control characters: an end.
  const char* copy_of_last(char* to) const;
  void look_beyond_ascii(const char* bytes, uint64_t begun);
  void mark_others(uint64_t begun);

  const Wide& wide_ = widest();
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  uint64_t found_[WINDOW / 64] = {};
  uint64_t begun_ = 0;  // which of the bytes behind these belong to a character that begins among them
};

}  // namespace columnar
