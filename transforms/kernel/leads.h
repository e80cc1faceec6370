// What is remembered of the ways from the elements that are followed to those in them.
//
// In most elements of one name the same branches are followed. Each such list of branches has a number; where that leads
// at an element of some name is looked up once.
#pragma once

#include <cstdint>
#include <vector>

#include "plan.h"

namespace columnar {

// Numbers of lists of branches: two of one number are the same. So that any document takes little memory, all are
// forgotten where there are very many; they then get new numbers.
class BranchLists {
 public:
  static constexpr uint64_t EMPTY = 0;
  static constexpr uint64_t NOT_ASKED = ~uint64_t{0};

  BranchLists() : known_(FEWEST) {}

  // The number of a list with one branch more at its end.
  uint64_t longer(uint64_t list, uint32_t branch) {
    for (size_t at = place_of(list, branch);; ++at) {
      const Known& known = known_[at & (known_.size() - 1)];
      if (known.list == list && known.branch == branch) return known.longer;
      if (known.branch == NONE) return add({list, ++last_, branch});
    }
  }

 private:
  static constexpr size_t FEWEST = 256, MOST = 16 * 1024;  // places, of which half at most are taken

  struct Known {
    uint64_t list = EMPTY, longer = EMPTY;
    uint32_t branch = NONE;  // nothing is known here
  };

  static size_t place_of(uint64_t list, uint32_t branch) {
    return static_cast<size_t>((list << 32 ^ branch) * 0x9E3779B97F4A7C15U >> 40);
  }
  uint64_t add(const Known& added);
  void put(const Known& known);

  std::vector<Known> known_;
  size_t count_ = 0;
  uint64_t last_ = EMPTY;
};

// A way from an element to one in it: from a state, counted from its first one, by an edge. Without one, what is followed
// is followed below as well.
struct Way {
  uint32_t state = 0;
  const Edge* edge = nullptr;
};

// The ways to elements of one kind from an element in which a list of branches is followed.
struct Lead {
  uint64_t list = BranchLists::EMPTY;
  uint32_t kind = 0;  // 0: none is remembered here
  uint32_t uri = 0;
  uint32_t edges = 0;  // how many ways are by an edge
  // What is followed below an element that no edge leads to, compared with its parent.
  enum class Below : uint8_t { nothing, less, the_same } below = Below::nothing;
  // What is to be done about it if it has no attributes, and nothing in it but text; one state is followed.
  enum class Leaf : uint8_t { unknown, nothing, first_text, last_text } leaf = Leaf::unknown;
  uint32_t slot = 0;      // of the only cell that its text is for
  std::vector<Way> ways;  // in the order of states; of one state those by edges first
};

// What a lead says about leaves of one kind, where it is at hand.
struct LeafUse {
  uint64_t list = BranchLists::NOT_ASKED;  // nothing is known
  uint32_t uri = 0;
  uint32_t slot = 0;
  Lead::Leaf leaf = Lead::Leaf::unknown;
};

class Leads {
 public:
  Leads() : leads_(SLOTS) {}

  // The place of the lead to a kind, which may be another's.
  const Lead& at(uint64_t list, uint32_t kind) const { return leads_[(list * 61 + kind) % SLOTS]; }
  Lead& at(uint64_t list, uint32_t kind) { return leads_[(list * 61 + kind) % SLOTS]; }
  // What is not remembered is found here.
  Lead& passing() { return passing_; }

 private:
  static constexpr size_t SLOTS = 1024;

  std::vector<Lead> leads_;
  Lead passing_;
};

}  // namespace columnar
