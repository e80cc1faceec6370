// Memory of finished columns, kept for the columns of the next batch.
#pragma once

#include <cstddef>
#include <cstdint>

namespace columnar {

// Memory that comes fresh from the system is cleared page by page when it is first touched, under a lock of the whole
// process: a fifth of the time of documents that are copied nearly whole, and more where threads wait for each other.
// So large blocks that are freed, by whatever thread, are kept up to a bound, and taken again by whoever needs one of
// about their size. Nobody waits here: who finds another thread at it does without. That holds in a forked process, too,
// whatever the other threads were doing.

struct Block {
  uint8_t* data = nullptr;
  size_t size = 0;
};

// A block of at least `wanted` bytes, more than the old one has, which begins with the first `used` bytes of the old
// one; that is gone then. It may be a quarter larger than asked for. No data: there is no memory, and the old one is
// still there.
Block resize_block(Block old, size_t used, size_t wanted);
void free_block(Block block);

// From now on no more than so many bytes are kept; what is beyond goes back to the system. Of no effect in a build with
// sanitizers, which watch over what is freed.
void keep_at_most(size_t bytes);
// Gives all that is kept back to the system.
void give_back_kept();

struct KeptMemory {
  size_t bytes, most;
};
KeptMemory kept_memory();

}  // namespace columnar
