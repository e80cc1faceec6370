// What elements usually look like, so that most names need only be compared.
//
// Elements of one name mostly have the same attributes in the same order, and follow each other in the same order. What
// was once read as a name followed by `="` is one wherever the same bytes stand; and attributes that follow each other in
// a list without twins are no twins.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "hash.h"
#include "leads.h"
#include "simd.h"
#include "tag.h"

namespace columnar {

// Bytes that are expected somewhere.
class Expected {
 public:
  static constexpr size_t MOST = 32;  // longer ones are not kept

  Expected() = default;
  // parts: put together, at most MOST bytes.
  explicit Expected(std::initializer_list<std::string_view> parts);

  uint32_t size() const { return size_; }
  bool is(const Expected& other) const { return size_ == other.size_ && std::memcmp(bytes_, other.bytes_, MOST) == 0; }
  // at: MOST bytes can be read there.
  bool stand(const char* at) const {
    const Bytes16 head = same(load16(at), load16(bytes_)) | load16(ignored_);
    const Bytes16 tail = same(load16(at + 16), load16(bytes_ + 16)) | load16(ignored_ + 16);
    return mask_of_others(head & tail) == 0;
  }
  const char* bytes() const { return bytes_; }      // MOST of them
  const char* ignored() const { return ignored_; }  // all bits of those that do not count
  // The same where the first few count, at most MOST.
  static const char* ignored_behind(size_t size) { return BEHIND.data() + MOST - size; }

 private:
  static constexpr std::array<char, 2 * MOST> BEHIND = [] {
    std::array<char, 2 * MOST> ignored{};
    for (size_t at = MOST; at < 2 * MOST; ++at) ignored[at] = static_cast<char>(0xFF);
    return ignored;
  }();

  char bytes_[MOST] = {};
  char ignored_[MOST] = {};
  uint32_t size_ = 0;
};

class Shape {
 public:
  static constexpr std::string_view BEHIND_NAME = "=\"";  // of an attribute, as a rule
  static constexpr size_t MOST = 48;                         // attributes that are kept

  struct Known {
    Expected name;  // of an attribute, with BEHIND_NAME
    uint64_t hash = 0;

    uint32_t name_size() const { return name.size() - static_cast<uint32_t>(BEHIND_NAME.size()); }
  };

  // Whether the element's name stands at `at`: it is to be read if not.
  bool is_at(const char* at, const char* end) const {
    if (end - at <= static_cast<std::ptrdiff_t>(Expected::MOST) || name_.size() == 0 || !name_.stand(at)) return false;
    const char behind = at[name_.size()];
    return behind == ' ' || behind == '>' || behind == '/';
  }
  uint32_t size() const { return name_.size(); }
  uint32_t prefix_size() const { return prefix_size_; }
  uint64_t hash() const { return hash_; }  // of the local name
  uint32_t kind() const { return kind_; }
  // Whether elements like this one are expected to have nothing in them but text, and no attributes.
  bool is_leaf() const { return is_leaf_; }
  // `<name>` and `</name>` of such an element.
  const Expected& opening() const { return opening_; }
  const Expected& closing() const { return closing_; }
  void become_leaf(std::string_view name);

  // From now on it is the shape of elements like this one, which are of this kind. A name that is wrong is never expected.
  void rename(const Tag& tag, uint32_t kind);

  // The attributes that are expected, in order.
  const Known* begin() const { return known_.data(); }
  const Known* end() const { return known_.data() + known_.size(); }
  // The first of the next few expected attributes that stands at `at`, nullptr: none of them. next: the first of those.
  // at: Expected::MOST bytes can be read there.
  const Known* match(const char* at, const Known* next) const {
    const Known* const last = end() - next > static_cast<std::ptrdiff_t>(FEW) ? next + FEW : end();
    for (; next != last; ++next)
      if (next->name.stand(at)) return next;
    return nullptr;
  }
  // Says who they are whose values were read: those expected attributes for which `pattern` has a bit.
  void name(Attributes& attributes, uint64_t pattern) const;

  // An attribute was read that did not match; false: it may have a twin among those before it. kind: of the elements
  // from now on, if the attribute is expected then, as they have other attributes.
  bool take(Attribute& attribute, uint32_t kind, size_t& expected);

  Shape* follower = nullptr;  // of the element that began next when one like this was met last
  Shape* other_follower = nullptr;  // and before, when that was another
  bool is_passed = false;     // whether the last one like this was empty, and nothing was read of it
  LeafUse use;                // what was done about the last one that was a leaf

 private:
  static constexpr size_t FEW = 3;

  Expected name_, opening_, closing_;
  bool is_leaf_ = false;
  uint32_t prefix_size_ = 0;
  uint64_t hash_ = 0;
  uint32_t kind_ = 0;
  std::vector<Known> known_;
};

// Where there are very many names, some of them share a shape: it is then of use to the last of them.
class Shapes {
 public:
  // A number that no kind has yet.
  uint32_t new_kind() { return ++kinds_; }
  // The shape of a name that stands in a document, up to `end`: its own, or one to be renamed.
  Shape& of(std::string_view element, const char* end) {
    const size_t first = hash_of(element) >> 20;
    Shape* free = nullptr;
    for (size_t i = 0; i < PLACES; ++i) {
      Shape& shape = shapes_[(first + i) & (SLOTS - 1)];
      if (shape.is_at(element.data(), end)) return shape;
      if (free == nullptr && shape.size() == 0) free = &shape;
    }
    return free != nullptr ? *free : shapes_[first & (SLOTS - 1)];
  }

 private:
  static constexpr size_t SLOTS = 512;
  static constexpr size_t PLACES = 4;  // where one of a name may be

  std::array<Shape, SLOTS> shapes_;
  uint32_t kinds_ = 0;
};

}  // namespace columnar
