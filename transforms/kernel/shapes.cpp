#include "shapes.h"

namespace columnar {

Expected::Expected(std::string_view one, std::string_view other) : size_(static_cast<uint32_t>(one.size() + other.size())) {
  std::memcpy(bytes_, one.data(), one.size());
  std::memcpy(bytes_ + one.size(), other.data(), other.size());
  std::memset(behind_ + size_, 0xFF, MOST - size_);
}

void Shape::rename(const Tag& tag, uint32_t kind) {
  const bool is_wrong = tag.prefix_size == 0 && tag.name.find(':') != tag.name.npos;
  name_ = is_wrong || tag.name.size() > Expected::MOST ? Expected() : Expected(tag.name, "");
  prefix_size_ = tag.prefix_size;
  hash_ = hash_of(tag.local());
  kind_ = name_.size() == 0 ? 0 : kind;
}

bool Shape::take(Attribute& attribute, uint32_t kind, size_t& expected) {
  const std::string_view name(attribute.name, attribute.name_size);
  if (name.find(':') != name.npos || name.size() + BEHIND_NAME.size() > Expected::MOST) return false;
  const Known known{Expected(name, BEHIND_NAME), attribute.local_hash(), kind};
  for (size_t i = 0; i < known_.size(); ++i) {
    if (known_[i].hash != known.hash || !known_[i].name.is(known.name)) continue;
    if (i < expected) return false;
    expected = i + 1;
    return true;
  }
  if (known_.size() == MOST) return false;
  known_.insert(known_.begin() + static_cast<std::ptrdiff_t>(expected), known);
  count_ = known_.size();
  if (kind_ != 0) kind_ = kind;
  ++expected;
  return true;
}

}  // namespace columnar
