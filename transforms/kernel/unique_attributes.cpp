#include "unique_attributes.h"

#include <algorithm>

namespace columnar {

UniqueAttributes::Pair UniqueAttributes::by_table(Attributes& attributes) {
  if (++element_ == 0) {  // the numbers begin again
    taken_.fill(0);
    element_ = 1;
  }
  for (size_t i = 0; i < attributes.size(); ++i) {
    const uint64_t hash = attributes[i].local_hash();
    uint32_t& slot = taken_[hash >> 20 & (SLOTS - 1)];
    if (slot != element_) {
      slot = element_;
      continue;
    }
    for (size_t j = 0; j < i; ++j)
      if (are_twins(attributes[j], attributes[i])) return {&attributes[j], &attributes[i]};
  }
  return {};
}

UniqueAttributes::Pair UniqueAttributes::by_sorting(Attributes& attributes) {
  std::vector<const Attribute*> sorted;
  for (Attribute& attribute : attributes) {
    attribute.local_hash();
    sorted.push_back(&attribute);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Attribute* one, const Attribute* other) {
    if (one->uri != other->uri) return one->uri < other->uri;
    const int order = one->local().compare(other->local());
    return order != 0 ? order < 0 : one < other;
  });
  for (size_t i = 1; i < sorted.size(); ++i)
    if (are_twins(*sorted[i - 1], *sorted[i])) return {sorted[i - 1], sorted[i]};
  return {};
}

}  // namespace columnar
