#include "leads.h"

#include <algorithm>

namespace columnar {

uint64_t BranchLists::add(const Known& added) {
  if (2 * ++count_ > known_.size()) {
    std::vector<Known> before(std::min(2 * known_.size(), MOST));
    before.swap(known_);
    count_ = 1;
    if (before.size() < MOST) {
      for (const Known& known : before) {
        if (known.branch == NONE) continue;
        put(known);
        ++count_;
      }
    }
  }
  put(added);
  return added.longer;
}

void BranchLists::put(const Known& known) {
  size_t at = place_of(known.list, known.branch);
  while (known_[at & (known_.size() - 1)].branch != NONE) ++at;
  known_[at & (known_.size() - 1)] = known;
}

}  // namespace columnar
