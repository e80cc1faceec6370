// What is to be done about elements that have nothing in them but text, where it is known from the last ones like them.
#pragma once

#include "matcher.h"

namespace columnar {

class Matcher::Leaves {
 public:
  // Of the element that is open.
  explicit Leaves(Matcher& matcher) : leads_(matcher.leads_) {
    if (!matcher.strings_open_.empty() || !matcher.writers_.empty()) return;
    if (!matcher.follows()) {
      place_ = Place::passed;
      return;
    }
    const Element& parent = matcher.element();
    if (matcher.states_.size() - parent.states != 1 || parent.candidates < matcher.open_candidates_.size()) return;
    const State& state = matcher.states_.back();
    place_ = Place::followed;
    list_ = matcher.list();
    const uint32_t scope = matcher.plan_.branches[state.branch].scope;
    if (scope != NONE) cells_ = matcher.frames_[scope].cells.data() + state.frame;
  }

  // Whether any can be taken here.
  bool any() const { return place_ != Place::unknown; }
  // True: all is done that there is to do about one of this kind, with this text. Else nothing was done.
  bool take(uint32_t kind, uint32_t uri, std::string_view text) const {
    if (place_ == Place::passed) return true;
    const Lead& lead = leads_.at(list_, kind);
    if (lead.kind != kind || lead.list != list_ || lead.uri != uri || lead.leaf == Lead::Leaf::unknown) return false;
    if (lead.leaf == Lead::Leaf::nothing) return true;
    Cell& cell = cells_[lead.slot];
    if (++cell.count > 1 && lead.leaf == Lead::Leaf::first_text) return true;
    cell.data = text.data();
    cell.size = static_cast<uint32_t>(text.size());
    return true;
  }

 private:
  enum class Place : uint8_t { unknown, passed, followed };

  const Leads& leads_;
  Cell* cells_ = nullptr;  // of the frame
  uint64_t list_ = BranchLists::EMPTY;
  Place place_ = Place::unknown;
};

}  // namespace columnar
