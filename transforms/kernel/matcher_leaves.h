// What is to be done about elements that have nothing in them but text, where it is known from the last ones like them.
#pragma once

#include "matcher.h"
#include "references.h"
#include "shapes.h"

namespace columnar {

class Matcher::Leaves {
 public:
  // Of the element that is open.
  explicit Leaves(Matcher& matcher) : leads_(matcher.leads_), arena_(matcher.arena_) {
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
  // Whether nothing is read of one of this kind, if it is empty.
  bool passes(uint32_t kind, uint32_t uri) const {
    if (place_ == Place::passed) return true;
    const Lead& lead = leads_.at(list_, kind);
    return lead.kind == kind && lead.list == list_ && lead.uri == uri && lead.leaf == Lead::Leaf::nothing;
  }
  // True: all is done that there is to do about one of this shape, with this text. Else nothing was done. raw: whether
  // there are references in the text.
  bool take(Shape& shape, uint32_t uri, std::string_view text, bool raw) const {
    if (place_ == Place::passed) return true;
    LeafUse& use = shape.use;
    if ((use.list != list_ || use.uri != uri) && !recall(shape.kind(), uri, use)) [[unlikely]] return false;
    if (use.leaf == Lead::Leaf::nothing) return true;
    Cell& cell = cells_[use.slot];
    if (++cell.count > 1 && use.leaf == Lead::Leaf::first_text) return true;
    if (raw) [[unlikely]] text = resolve_references(text, arena_);
    // AHEAD bytes are behind all that can be taken here
    cell.data = text.data();
    cell.size = static_cast<uint32_t>(text.size());
    return true;
  }

 private:
  enum class Place : uint8_t { unknown, passed, followed };

  // Says what is to be done about leaves of a kind here, if that is known.
  bool recall(uint32_t kind, uint32_t uri, LeafUse& use) const {
    const Lead& lead = leads_.at(list_, kind);
    if (lead.kind != kind || lead.list != list_ || lead.uri != uri || lead.leaf == Lead::Leaf::unknown) return false;
    use = {list_, uri, lead.slot, lead.leaf};
    return true;
  }

  const Leads& leads_;
  Arena& arena_;
  Cell* cells_ = nullptr;  // of the frame
  uint64_t list_ = BranchLists::EMPTY;
  Place place_ = Place::unknown;
};

}  // namespace columnar
