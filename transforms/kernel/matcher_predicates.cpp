// Predicates: those that a start tag decides, and those that wait for what follows.

#include "matcher.h"

namespace columnar {

namespace {

bool compares(const Leaf& leaf, std::string_view value) {
  switch (leaf.test) {
    case Test::equal: return value == leaf.literal;
    case Test::unequal: return value != leaf.literal;
    default: return leaf.operand != OperandKind::text || !value.empty();  // there is own text only where it has characters
  }
}

bool holds(const std::vector<Operation>& program, uint64_t leaves) {
  uint64_t stack = 0;  // of bits, the top lowest; a plan's programs need at most 64
  for (const Operation& operation : program) {
    if (operation.kind == Operator::push) {
      stack = stack << 1 | (leaves >> operation.operand & 1);
    } else if (operation.kind == Operator::negate) {
      stack ^= 1;
    } else {
      const uint32_t count = operation.operand;
      const uint64_t mask = count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
      const bool result = operation.kind == Operator::all ? (stack & mask) == mask : (stack & mask) != 0;
      stack = (count >= 64 ? 0 : stack >> count) << 1 | static_cast<uint64_t>(result);
    }
  }
  return (stack & 1) != 0;
}

}  // namespace

// The leaves that look at attributes, as bits.
uint64_t Matcher::attribute_leaves(const Filter& filter, Tag& tag) {
  uint64_t leaves = 0;
  for (size_t i = 0; i < filter.leaves.size(); ++i) {
    const Leaf& leaf = filter.leaves[i];
    if (leaf.operand != OperandKind::attribute) continue;
    for (Attribute& attribute : tag.attributes()) {
      if (attribute.uri != leaf.name.uri || attribute.local() != leaf.name.local) continue;
      if (compares(leaf, value_of(attribute))) leaves |= uint64_t{1} << i;
      break;
    }
  }
  return leaves;
}

bool Matcher::passes(const Filter& filter, uint32_t counters, uint64_t leaves) {
  for (const Predicate& predicate : filter.predicates) {
    if (predicate.is_program ? !holds(predicate.program, leaves)
                             : ++counters_[counters + predicate.counter] != predicate.position)
      return false;
  }
  return true;
}

// The element counts only if its predicates turn out to hold; until then it is followed as if it did.
void Matcher::open_candidate(uint32_t state, const Edge& edge, Tag& tag) {
  const State from = states_[state];
  const Filter& filter = plan_.filters[edge.filter];
  const auto number = static_cast<uint32_t>(candidates_.size());
  const uint32_t decision = decisions_.open(from.decision);
  candidates_.push_back({edge.filter, from.counters + edge.counters_at, decision, NONE, attribute_leaves(filter, tag)});
  open_candidates_.push(number);
  for (uint32_t i = 0; i < filter.leaves.size(); ++i) {
    const OperandKind operand = filter.leaves[i].operand;
    if (operand != OperandKind::text && operand != OperandKind::self) continue;
    const Terminal terminal = operand == OperandKind::text ? Terminal::text : Terminal::string;
    targets_.push({terminal, NONE, number, i});
    collect(terminal, tag);
  }
  enter(edge.target, from.frame, decision, tag);
}

// Whether a predicate's leaf asks for children like this element.
static bool asks_for(const Leaf& leaf, const Tag& tag) {
  return leaf.operand == OperandKind::child && (leaf.name.uri == ANY_URI || leaf.name.uri == tag.uri) &&
         (leaf.name.any_local || leaf.name.local == tag.local());
}

// Tells the candidates around it that an element is one of their children.
void Matcher::tell_parents(uint32_t first, uint32_t last, Tag& tag) {
  for (uint32_t i = first; i < last; ++i) {
    const uint32_t number = open_candidates_[i];
    const Filter& filter = plan_.filters[candidates_[number].filter];
    if (!filter.asks_children) continue;
    for (uint32_t leaf = 0; leaf < filter.leaves.size(); ++leaf) {
      if (!asks_for(filter.leaves[leaf], tag)) continue;
      if (filter.leaves[leaf].test == Test::exists) {
        candidates_[number].leaves |= uint64_t{1} << leaf;
      } else {
        targets_.push({Terminal::string, NONE, number, leaf});
        collect(Terminal::string, tag);
      }
    }
  }
}

// The same of an element with nothing in it but text, which is over when it begins.
void Matcher::tell_parents_of_leaf(const Tag& tag, std::string_view text) {
  for (size_t i = element().candidates; i < open_candidates_.size(); ++i) {
    Candidate& candidate = candidates_[open_candidates_[i]];
    const Filter& filter = plan_.filters[candidate.filter];
    if (!filter.asks_children) continue;
    for (uint32_t leaf = 0; leaf < filter.leaves.size(); ++leaf)
      if (asks_for(filter.leaves[leaf], tag) && compares(filter.leaves[leaf], text))
        candidate.leaves |= uint64_t{1} << leaf;
  }
}

// Whether such an element is meant by a step with predicates, if these count nothing.
bool Matcher::passes_as_leaf(const Filter& filter, Tag& tag, std::string_view text) {
  uint64_t leaves = attribute_leaves(filter, tag);
  for (uint32_t leaf = 0; leaf < filter.leaves.size(); ++leaf) {
    const OperandKind operand = filter.leaves[leaf].operand;
    if (operand != OperandKind::text && operand != OperandKind::self) continue;
    if (compares(filter.leaves[leaf], text)) leaves |= uint64_t{1} << leaf;
  }
  return passes(filter, 0, leaves);
}

void Matcher::test_leaf(uint32_t candidate, uint32_t leaf, std::string_view value) {
  Candidate& asked = candidates_[candidate];
  if (compares(plan_.filters[asked.filter].leaves[leaf], value)) asked.leaves |= uint64_t{1} << leaf;
}

// An element ends: its predicates are decided, but for those with `last()`, which wait for the parent's end.
void Matcher::settle_candidates(uint32_t from) {
  for (size_t i = open_candidates_.size(); i-- > from;) {
    const uint32_t number = open_candidates_[i];
    Candidate& candidate = candidates_[number];
    const Filter& filter = plan_.filters[candidate.filter];
    if (!filter.last) {
      decisions_.settle(candidate.decision, passes(filter, candidate.counters, candidate.leaves));
      if (number + 1 == candidates_.size()) candidates_.pop_back();
      continue;
    }
    // the list of those that wait: the first and the last, counted from 1; 0: none
    uint32_t& first = counters_[candidate.counters + filter.counters - 2];
    uint32_t& last = counters_[candidate.counters + filter.counters - 1];
    if (first == 0) {
      first = number + 1;
    } else {
      candidates_[last - 1].next = number;
    }
    last = number + 1;
  }
}

// An element ends, and with it the lists of children of which the last is meant.
void Matcher::settle_last(uint32_t from_state) {
  for (size_t i = from_state; i < states_.size(); ++i) {
    const Branch& branch = plan_.branches[states_[i].branch];
    if (!branch.has_last) continue;
    for (const Edge& edge : branch.edges.edges()) {
      if (edge.filter == NONE || !plan_.filters[edge.filter].last) continue;
      const Filter& filter = plan_.filters[edge.filter];
      std::vector<uint32_t>& left = left_;
      left.clear();
      const uint32_t first = counters_[states_[i].counters + edge.counters_at + filter.counters - 2];
      for (uint32_t at = first == 0 ? NONE : first - 1; at != NONE; at = candidates_[at].next) left.push_back(at);
      for (uint32_t each : left) decisions_.settle(candidates_[each].decision, false);
      for (const Predicate& predicate : filter.predicates) {
        if (predicate.is_program) {
          std::erase_if(left, [&](uint32_t each) { return !holds(predicate.program, candidates_[each].leaves); });
        } else if (!left.empty()) {
          const size_t position = predicate.position == 0 ? left.size() : predicate.position;
          if (position <= left.size()) left.front() = left[position - 1];
          left.resize(position <= left.size() ? 1 : 0);
        }
      }
      for (uint32_t each : left) decisions_.settle(candidates_[each].decision, true);
    }
  }
}

}  // namespace columnar
