// Values: attributes and texts on their way into cells and into the conditions of predicates.

#include "bytes.h"
#include "matcher.h"
#include "references.h"

namespace columnar {

std::string_view Matcher::value_of(const Attribute& attribute) {
  if (!attribute.is_raw()) [[likely]] return {attribute.value, attribute.value_size};
  return normalise_value(attribute.raw(), arena_);
}

static bool is_wanted(const WantedAttribute& wanted, Attribute& attribute) {
  const std::string_view local = attribute.local();
  return wanted.name.hash == attribute.local_hash() && wanted.name.uri == attribute.uri &&
         wanted.name.local.size() == local.size() && same_bytes(wanted.name.local.data(), local.data(), local.size());
}

void Matcher::read_attributes(uint32_t number, uint32_t frame, uint32_t decision, Tag& tag) {
  const Branch& branch = plan_.branches[number];
  Reads& reads = reads_[number];
  if (tag.pattern == 0 || reads.pattern != tag.pattern || reads.kind != tag.kind) find_wanted(branch, tag, reads);
  const Attribute* const attributes = tag.values->begin();
  Cell* const cells = frames_[branch.scope].cells.data() + frame;
  for (const ReadFirst read : reads.firsts) {
    Cell& cell = read.cell.in(cells);
    if (cell.count != 0) [[unlikely]] {
      ++cell.count;
      continue;
    }
    const Attribute& attribute = read.attribute.in(attributes);
    cell.data = attribute.value;
    cell.size = attribute.value_size;
    cell.count = 1;
  }
  if (static_cast<size_t>(tag.end - begin_) > ahead_) [[unlikely]] {
    for (const ReadFirst read : reads.firsts) {
      Cell& cell = read.cell.in(cells);
      settle_value(cell);
      set(cell, {cell.data, cell.size});
    }
  }
  for (const Read& read : reads.others) {
    const WantedAttribute& wanted = *read.wanted;
    const uint32_t cell = frame + wanted.slot;
    fill(wanted.column, cell, claim(wanted.column, cell, decision), value_of(attributes[read.attribute]));
  }
}

// An element that has no such attribute is the first all the same: the cell then stays without a value.
void Matcher::read_first(const WantedAttribute& wanted, uint32_t frame, Tag& tag) {
  Cell& cell = cell_of(wanted.column, frame + plan_.columns[wanted.column].slot);
  if (cell.count != 0) return;
  cell.count = 1;
  cell.data = nullptr;
  for (Attribute& attribute : tag.attributes())
    if (is_wanted(wanted, attribute)) set(cell, value_of(attribute));
}

void Matcher::find_wanted(const Branch& branch, Tag& tag, Reads& reads) {
  reads.kind = tag.kind;
  reads.pattern = tag.kind == 0 ? 0 : tag.pattern;
  reads.firsts.clear();
  reads.others.clear();
  Attributes& attributes = tag.attributes();
  for (uint32_t i = 0; i < attributes.size(); ++i) {
    Attribute& attribute = attributes[i];
    for (uint32_t at = branch.attribute_buckets[attribute.local_hash() & branch.attribute_mask]; at != NONE;
         at = branch.attributes[at].next) {
      const WantedAttribute& wanted = branch.attributes[at];
      if (!is_wanted(wanted, attribute)) continue;
      if (wanted.keeps_all || wanted.last) {
        reads.others.push_back({i, &wanted});
      } else {
        reads.firsts.push_back({Place<const Attribute>(i), Place<Cell>(wanted.slot)});
      }
    }
  }
}

bool Matcher::take_leaf(Tag& tag, std::string_view text) {
  if (!writers_.empty()) return false;
  if (follows() && !take_followed_leaf(tag, text)) return false;
  for (uint32_t rope : strings_open_) ropes_[rope].append(text, arena_);
  return true;
}

bool Matcher::take_followed_leaf(Tag& tag, std::string_view text) {
  if (depth_ == 1) return false;
  const Lead& lead = lead_to(tag);
  for (const Way& way : lead.ways)
    if (way.edge != nullptr && !way.edge->to_leaf && leads_beyond(*way.edge, tag, text)) return false;
  if (element().candidates < open_candidates_.size()) tell_parents_of_leaf(tag, text);
  const uint32_t first = element().states;
  for (const Way& way : lead.ways) {
    if (way.edge == nullptr) continue;
    if (way.edge->filter != NONE && !passes_as_leaf(plan_.filters[way.edge->filter], tag, text)) continue;
    read_leaf(states_[first + way.state], *way.edge, tag, text);
  }
  return true;
}

// Whether more is to be done about a leaf that an edge may lead to than to read its attributes and its text.
bool Matcher::leads_beyond(const Edge& edge, Tag& tag, std::string_view text) {
  if (edge.filter != NONE) {
    const Filter& filter = plan_.filters[edge.filter];
    if (filter.counters != 0) return true;
    if (!passes_as_leaf(filter, tag, text)) return false;
  }
  return !plan_.branches[edge.target].is_leaf;
}

void Matcher::read_leaf(const State& from, const Edge& edge, Tag& tag, std::string_view text) {
  const Branch& branch = plan_.branches[edge.target];
  if (!branch.attributes.empty()) read_attributes(edge.target, from.frame, from.decision, tag);
  for (const WantedText& wanted : branch.leaf_texts)
    put(wanted, branch.scope, from.frame, from.decision, text);
}

// One value more of a cell.
void Matcher::put(const WantedText& wanted, uint32_t scope, uint32_t frame, uint32_t decision, std::string_view value) {
  const uint32_t at = frame + wanted.slot;
  if (wanted.keeps_all) {
    fill(wanted.column, at, claim(wanted.column, at, decision), value);
    return;
  }
  Cell& cell = frames_[scope].cells[at];
  if (++cell.count > 1 && !wanted.last) return;
  set(cell, value);
}

// What is read of an element beside its attributes.
void Matcher::read_others(const Branch& branch, uint32_t frame, uint32_t decision, Tag& tag) {
  for (uint32_t column : branch.texts) read_text(column, frame, decision, Terminal::text, tag);
  for (uint32_t column : branch.strings) read_text(column, frame, decision, Terminal::string, tag);
  for (uint32_t column : branch.xmls) read_text(column, frame, decision, Terminal::xml, tag);
  for (const WantedText& wanted : branch.names) put(wanted, branch.scope, frame, decision, tag.local());
  for (const WantedAttribute& wanted : branch.firsts) read_first(wanted, frame, tag);
}

void Matcher::read_text(uint32_t column, uint32_t frame, uint32_t decision, Terminal terminal, Tag& tag) {
  const uint32_t cell = frame + plan_.columns[column].slot;
  const uint32_t place = claim(column, cell, decision);
  const bool only_first = plan_.columns[column].many == Many::first || plan_.columns[column].many == Many::error;
  if (only_first && !plan_.columns[column].late && place != 1) return;
  targets_.push({terminal, column, cell, place});
  collect(terminal, tag);
}

// Counts one more value of a cell, in document order: its place among them, or its entry where all are kept.
uint32_t Matcher::claim(uint32_t column, uint32_t cell_at, uint32_t decision) {
  Cell& cell = cell_of(column, cell_at);
  ++cell.count;
  if (!plan_.columns[column].keeps_all()) return cell.count;
  const auto entry = static_cast<uint32_t>(entries_.size());
  entries_.push_back({nullptr, 0, decision, NONE});
  if (cell.count == 1) {
    cell.entries.first = entry;
  } else {
    entries_[cell.entries.last].next = entry;
  }
  cell.entries.last = entry;
  return entry;
}

void Matcher::fill(uint32_t column, uint32_t cell_at, uint32_t place, std::string_view value) {
  const PlanColumn& wanted = plan_.columns[column];
  if (wanted.keeps_all()) {
    entries_[place].data = value.data();
    entries_[place].size = static_cast<uint32_t>(value.size());
    return;
  }
  Cell& cell = cell_of(column, cell_at);
  if (place != (wanted.many == Many::last ? cell.count : 1)) return;
  set(cell, value);
}

// From here on the element's text is collected.
void Matcher::collect(Terminal terminal, Tag& tag) {
  Element& own = element();
  if (terminal == Terminal::text && own.own == NONE) {
    own.own = static_cast<uint32_t>(ropes_.size());
    ropes_.emplace_back();
  } else if (terminal == Terminal::string && own.string == NONE) {
    own.string = static_cast<uint32_t>(ropes_.size());
    ropes_.emplace_back();
    strings_open_.push_back(own.string);
  } else if (terminal == Terminal::xml && own.writer == NONE) {
    own.writer = static_cast<uint32_t>(writers_.size());
    XmlWriter& writer = writers_.emplace_back();
    writer.start_top(tag, namespaces_.bindings());
    for (Attribute& attribute : tag.attributes())
      writer.attribute({attribute.name, attribute.name_size}, value_of(attribute));
  }
}

void Matcher::text(std::string_view piece) {
  if (passed_ == 0 && own_ != NONE) ropes_[own_].append(piece, arena_);
  for (uint32_t rope : strings_open_) ropes_[rope].append(piece, arena_);
  for (XmlWriter& writer : writers_) writer.text(piece);
}

void Matcher::markup_start(Tag& tag) {
  for (XmlWriter& writer : writers_) {
    writer.start(tag.name, namespaces_.bindings(), tag.depth);
    for (Attribute& attribute : tag.attributes())
      writer.attribute({attribute.name, attribute.name_size}, value_of(attribute));
  }
}

void Matcher::markup_section() {
  for (XmlWriter& writer : writers_) writer.section();
}

void Matcher::markup_end(std::string_view name) {
  for (XmlWriter& writer : writers_) writer.end(name);
}

void Matcher::markup_comment(std::string_view inside) {
  for (XmlWriter& writer : writers_) writer.comment(inside);
}

void Matcher::markup_instruction(std::string_view target, bool has_data, std::string_view data) {
  for (XmlWriter& writer : writers_) writer.instruction(target, has_data, data);
}

// An element ends: its text goes where it is wanted.
void Matcher::deliver(const Element& own, std::string_view name) {
  std::string_view xml;
  if (own.writer != NONE) {
    writers_[own.writer].end(name);
    xml = arena_.copy(writers_[own.writer].written());
  }
  for (size_t i = own.targets; i < targets_.size(); ++i) {
    const Target target = targets_[i];
    const std::string_view value = target.terminal == Terminal::text     ? ropes_[own.own].text()
                                   : target.terminal == Terminal::string ? ropes_[own.string].text()
                                                                         : xml;
    if (target.column == NONE) {
      test_leaf(target.cell, target.place, value);
    } else {
      fill(target.column, target.cell, target.place, value);
    }
  }
}

}  // namespace columnar
