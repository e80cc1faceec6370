#include "shapes.h"

namespace columnar {

bool Shape::take(Attribute& attribute, size_t& expected) {
  const std::string_view name(attribute.name, attribute.name_size);
  if (name.find(':') != name.npos) return false;  // to be resolved, or noted
  const uint64_t hash = attribute.local_hash();
  for (size_t i = 0; i < known_.size(); ++i) {
    if (known_[i].hash != hash || known_[i].size != name.size() + 2) continue;
    if (!same_bytes(known_[i].bytes, name.data(), name.size())) continue;
    if (i < expected) return false;
    expected = i + 1;
    return true;
  }
  if (known_.size() == MOST || name.size() + 2 > BYTES) return false;
  Known known;
  copy_bytes(known.bytes, name.data(), name.size());
  known.bytes[name.size()] = '=';
  known.bytes[name.size() + 1] = '"';
  known.size = static_cast<uint32_t>(name.size() + 2);
  known.hash = hash;
  known_.insert(known_.begin() + static_cast<std::ptrdiff_t>(expected), known);
  ++expected;
  return true;
}

}  // namespace columnar
