// Sixty-four bytes of a document at a time, with a bit for each at which a token of one kind may end: most are shorter
// than that, and finding the next end is then a shift instead of a search.
#pragma once

#include <cstddef>
#include <cstdint>

#include "characters.h"
#include "simd.h"
#include "wide.h"

namespace columnar {

// Ends: bytes(Bytes16), the lanes of those among sixteen bytes that end a token or need a closer look; control characters
// are among them, those beyond ASCII need not be.
template <typename Ends>
class Window {
 public:
  void begin(const char* end) {
    at_ = nullptr;
    end_ = end;
  }

  // The next byte that ends a token or needs a closer look, or the document's end. Characters beyond ASCII need one only
  // if they are not simple. from: where a character begins.
  const char* next(const char* from) {
    const auto offset = static_cast<size_t>(reinterpret_cast<uintptr_t>(from) - reinterpret_cast<uintptr_t>(at_));
    if (offset < SIZE) {
      const uint64_t found = found_ >> offset;
      if (found != 0) return from + trailing_zeros(found);
    }
    return search(from, offset);
  }

 private:
  static constexpr size_t SIZE = WINDOW;

  // Goes on to the windows behind this one, or from `from` where it lies elsewhere.
  const char* search(const char* from, size_t offset);
  // begun: how many of the bytes belong to a character that began before them.
  void look(const char* from, uint32_t begun);
  void look_beyond_ascii(const char* bytes, uint64_t beyond_ascii, uint32_t begun);
  // The document's last bytes, and behind them control characters: an end.
  const char* copy_of_last(char* to, size_t left) const;
  bool are_simple(const char* bytes, uint64_t beyond_ascii, uint32_t begun);
  // Which of the bytes beyond ASCII are not those of simple characters.
  uint64_t not_simple(uint64_t beyond_ascii);

  const Wide& wide_ = widest();
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  uint64_t found_ = 0;
  uint32_t begun_ = 0;
};

}  // namespace columnar
