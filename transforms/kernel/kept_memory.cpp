#include "kept_memory.h"

#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace columnar {

namespace {

#ifdef COLUMNAR_SANITIZED
constexpr bool KEEPS = false;
#else
constexpr bool KEEPS = true;
#endif

// Smaller blocks come from memory that the C library keeps itself.
constexpr size_t LEAST = 16 * 1024;
constexpr size_t MOST_UNTIL_SAID = KEEPS ? 32 * 1024 * 1024 : 0;
constexpr int ATTEMPTS = 100;  // to find nobody else at it

// Sizes are rounded up to the next of eight between a power of two and the next one: blocks of columns that are nearly as
// large as those of the batch before are then of the same size.
constexpr unsigned STEPS = 3;  // powers of two between two sizes
constexpr unsigned FIRST = std::bit_width(LEAST) - 1;
constexpr size_t SIZES = (sizeof(size_t) * 8 - FIRST) << STEPS;

size_t rounded(size_t size) {
  const size_t step = size_t{1} << (std::bit_width(size) - 1 - STEPS);
  return (size + step - 1) & ~(step - 1);
}

// The number of a rounded size.
size_t number_of(size_t size) {
  const unsigned power = std::bit_width(size) - 1;
  return ((size_t{power} - FIRST) << STEPS) + (size >> (power - STEPS)) - (size_t{1} << STEPS);
}

// Lies in the block itself.
struct Kept {
  size_t size;
  Kept *newer, *older;    // among all
  Kept *before, *behind;  // among those of its size
};

class Store {
 public:
  // Whether no other thread is at it; then leave() has to follow. bytes() and the bound are for anybody at any time.
  bool enter() {
    for (int attempt = 0; attempt < ATTEMPTS; ++attempt)
      if (!busy_.test_and_set(std::memory_order_acquire)) return true;
    return false;
  }
  void leave() { busy_.clear(std::memory_order_release); }

  Kept* newest_of(size_t number) const { return number < SIZES ? of_size_[number] : nullptr; }

  void add(Block block) {
    const size_t number = number_of(block.size);
    Kept* const kept = new (block.data) Kept{block.size, nullptr, newest_, nullptr, of_size_[number]};
    (newest_ == nullptr ? oldest_ : newest_->newer) = kept;
    newest_ = kept;
    if (kept->behind != nullptr) kept->behind->before = kept;
    of_size_[number] = kept;
    bytes_.store(bytes() + block.size, std::memory_order_relaxed);
  }

  Block remove(Kept* kept) {
    (kept->newer == nullptr ? newest_ : kept->newer->older) = kept->older;
    (kept->older == nullptr ? oldest_ : kept->older->newer) = kept->newer;
    (kept->before == nullptr ? of_size_[number_of(kept->size)] : kept->before->behind) = kept->behind;
    if (kept->behind != nullptr) kept->behind->before = kept->before;
    bytes_.store(bytes() - kept->size, std::memory_order_relaxed);
    return {reinterpret_cast<uint8_t*>(kept), kept->size};
  }

  // Takes out the oldest until no more than so many bytes are left: a chain of them, by `behind`.
  Kept* shrink(size_t bytes) {
    Kept* chain = nullptr;
    while (this->bytes() > bytes) {
      Kept* const kept = oldest_;
      remove(kept);
      kept->behind = chain;
      chain = kept;
    }
    return chain;
  }

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  size_t most() const { return most_.load(std::memory_order_relaxed); }
  void set_most(size_t most) { most_.store(most, std::memory_order_relaxed); }

 private:
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  std::atomic<size_t> bytes_ = 0;
  std::atomic<size_t> most_ = MOST_UNTIL_SAID;
  Kept *newest_ = nullptr, *oldest_ = nullptr;
  Kept* of_size_[SIZES] = {};
};

constinit Store store;

void free_all(Kept* chain) {
  while (chain != nullptr) std::free(std::exchange(chain, chain->behind));
}

void shrink_to(size_t bytes) {
  if (!store.enter()) return;  // whoever frees a block next will do it
  Kept* const chain = store.shrink(bytes);
  store.leave();
  free_all(chain);
}

// size: rounded. No data: there is none of about that size.
Block take(size_t size) {
  Block block;
  if (store.bytes() < size || !store.enter()) return block;
  const size_t number = number_of(size);
  Kept* kept = store.newest_of(number);
  if (kept == nullptr) kept = store.newest_of(number + 1);
  if (kept != nullptr) block = store.remove(kept);
  store.leave();
  return block;
}

}  // namespace

Block resize_block(Block old, size_t used, size_t wanted) {
  size_t size = wanted;
  if (KEEPS && wanted >= LEAST) {
    size = rounded(wanted);
    // a block that is full to more than half is better moved by the system, which need not copy it
    const Block kept = used <= size / 2 ? take(size) : Block{};
    if (kept.data != nullptr) {
      if (used != 0) std::memcpy(kept.data, old.data, used);
      free_block(old);
      return kept;
    }
  }
  return {static_cast<uint8_t*>(std::realloc(old.data, size)), size};
}

void free_block(Block block) {
  const size_t most = store.most();
  if (block.size < LEAST || block.size > most || !store.enter()) {
    std::free(block.data);
    return;
  }
  Kept* const chain = store.shrink(most - block.size);
  store.add(block);
  store.leave();
  free_all(chain);
}

void keep_at_most(size_t bytes) {
  if (!KEEPS) return;
  store.set_most(bytes);
  shrink_to(bytes);
}

void give_back_kept() { shrink_to(0); }

KeptMemory kept_memory() { return {store.bytes(), store.most()}; }

}  // namespace columnar
