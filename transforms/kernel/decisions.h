// What is not yet known when an element begins: whether the predicates hold that look at what follows.
#pragma once

#include <cstdint>
#include <vector>

#include "plan.h"

namespace columnar {

// A decision hangs on others: an element counts only if those on the way to it do. NONE stands for one that holds.
class Decisions {
 public:
  void clear() { all_.clear(); }
  bool empty() const { return all_.empty(); }

  // One that is open until settle(); it holds only if `on` does, too.
  uint32_t open(uint32_t on) {
    all_.push_back({State::open, on, NONE});
    return static_cast<uint32_t>(all_.size() - 1);
  }
  void settle(uint32_t decision, bool holds) { all_[decision].state = holds ? State::holds : State::fails; }

  // One that holds if any of the two does.
  uint32_t either(uint32_t one, uint32_t other) {
    if (one == NONE || other == NONE) return NONE;
    if (one == other) return one;
    all_.push_back({State::either, one, other});
    return static_cast<uint32_t>(all_.size() - 1);
  }

  // Once it and all that it hangs on are settled. What is found is kept: many decisions hang on the same few.
  bool holds(uint32_t decision) {
    if (decision == NONE) return true;
    Decision each = all_[decision];
    if (each.state == State::fails || each.state == State::open) return false;
    if (each.on == NONE) return true;
    const bool found = holds(each.on) || (each.state == State::either && holds(each.other));
    all_[decision] = {found ? State::holds : State::fails, NONE, NONE};
    return found;
  }

 private:
  enum class State : uint8_t { open, holds, fails, either };
  struct Decision {
    State state;
    uint32_t on, other;
  };
  std::vector<Decision> all_;
};

}  // namespace columnar
