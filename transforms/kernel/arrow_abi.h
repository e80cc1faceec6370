// The two structures of Arrow's C data interface, as its specification gives them: they are an ABI and never change.
// https://arrow.apache.org/docs/format/CDataInterface.html#structure-definitions
#pragma once

#include <cstdint>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

}  // extern "C"

#endif  // ARROW_C_DATA_INTERFACE

namespace columnar {

// Owns one of the two structures: moved out of its producer's hands, released once. Moving a structure is copying its
// bytes and clearing `release` where they were; the specification allows it for both.
template <typename Structure>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Structure* taken) noexcept : structure_(*taken) { taken->release = nullptr; }
  Owned(Owned&& other) noexcept : structure_(other.structure_) { other.structure_.release = nullptr; }
  Owned& operator=(Owned&& other) noexcept {
    if (this != &other) {
      release();
      structure_ = other.structure_;
      other.structure_.release = nullptr;
    }
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { release(); }

  const Structure& operator*() const { return structure_; }
  const Structure* operator->() const { return &structure_; }

  // Hands it to the next owner, who releases it.
  void move_to(Structure* target) noexcept {
    *target = structure_;
    structure_.release = nullptr;
  }

 private:
  void release() noexcept {
    if (structure_.release != nullptr) structure_.release(&structure_);
  }

  Structure structure_{};
};

}  // namespace columnar
