#include "shapes.h"

#include "plan.h"

namespace columnar {

Expected::Expected(std::initializer_list<std::string_view> parts) {
  for (std::string_view part : parts) {
    std::memcpy(bytes_ + size_, part.data(), part.size());
    size_ += static_cast<uint32_t>(part.size());
  }
  std::memset(ignored_ + size_, 0xFF, MOST - size_);
}

void Shape::rename(const Tag& tag, uint32_t kind) {
  const bool is_wrong = tag.prefix_size == 0 && tag.name.find(':') != tag.name.npos;
  const bool is_kept = !is_wrong && tag.name.size() <= Expected::MOST;
  if (is_kept || name_.size() != 0) name_ = is_kept ? Expected({tag.name}) : Expected();
  is_leaf_ = false;
  use = {};
  prefix_size_ = tag.prefix_size;
  hash_ = hash_of(tag.local());
  kind_ = is_kept ? kind : 0;
}

void Shape::become_leaf(std::string_view name) {
  if (is_leaf_ || kind_ == 0 || name.size() + 3 > Expected::MOST) return;
  opening_ = Expected({"<", name, ">"});
  closing_ = Expected({"</", name, ">"});
  is_leaf_ = true;
}

void Shape::name(Attributes& attributes, uint64_t pattern) const {
  Attribute* at = attributes.begin();
  for (; pattern != 0; pattern &= pattern - 1, ++at) {
    const Known& known = known_[static_cast<size_t>(trailing_zeros(pattern))];
    at->name = at->value - known.name.size();
    at->name_size = known.name_size();
    at->prefix_size = 0;
    at->uri = NO_URI;
    at->hash = known.hash;
  }
}

void Tag::name_attributes() {
  unnamed->name(*values, pattern);
  unnamed = nullptr;
}

bool Shape::take(Attribute& attribute, uint32_t kind, size_t& expected) {
  const std::string_view name(attribute.name, attribute.name_size);
  if (name.find(':') != name.npos || name.size() + BEHIND_NAME.size() > Expected::MOST) return false;
  const Known known{Expected({name, BEHIND_NAME}), attribute.local_hash()};
  for (size_t i = 0; i < known_.size(); ++i) {
    if (known_[i].hash != known.hash || !known_[i].name.is(known.name)) continue;
    if (i < expected) return false;
    expected = i + 1;
    return true;
  }
  if (known_.size() == MOST) return false;
  known_.insert(known_.begin() + static_cast<std::ptrdiff_t>(expected), known);
  if (kind_ != 0) kind_ = kind;
  ++expected;
  return true;
}

}  // namespace columnar
