// Values: attributes and texts on their way into cells and into the conditions of predicates.

#include "bytes.h"
#include "matcher.h"
#include "references.h"

namespace columnar {

std::string_view Matcher::value_of(Attribute& attribute) {
  if (!attribute.plain) {
    const std::string_view value = normalise_value(attribute.raw(), arena_);
    attribute.value = value.data();
    attribute.value_size = static_cast<uint32_t>(value.size());
    attribute.plain = true;
  }
  return attribute.raw();
}

void Matcher::read_attributes(const Branch& branch, uint32_t frame, uint32_t decision, Tag& tag) {
  Cell* const cells = frames_[branch.scope].cells.data() + frame;
  for (Attribute& attribute : *tag.attributes) {
    const uint64_t hash = attribute.local_hash();
    for (uint32_t at = branch.attribute_buckets[hash & branch.attribute_mask]; at != NONE;
         at = branch.attributes[at].next) {
      const WantedAttribute& wanted = branch.attributes[at];
      const std::string& local = wanted.name.local;
      if (wanted.name.hash != hash || wanted.name.uri != attribute.uri || local.size() != attribute.local().size() ||
          !same_bytes(local.data(), attribute.local().data(), local.size()))
        continue;
      if (wanted.keeps_all) {
        const uint32_t cell = frame + wanted.slot;
        fill(wanted.column, cell, claim(wanted.column, cell, decision), value_of(attribute));
        continue;
      }
      Cell& cell = cells[wanted.slot];
      if (++cell.count > 1 && !wanted.last) continue;
      if (!attribute.plain) value_of(attribute);
      cell.data = attribute.value;
      cell.size = attribute.value_size;
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
  constexpr size_t MOST = 4;  // ways that lead to one element; more are rare
  struct Way {
    const Branch* branch;
    uint32_t state;
  } ways[MOST];
  size_t count = 0;
  const Element& parent = elements_.back();
  if (elements_.size() == 1 || parent.candidates < open_candidates_.size()) return false;
  const std::string_view local = tag.local();
  const uint64_t hash = hash_of(local);
  bool simple = true;
  for (size_t i = parent.states; i < states_.size() && simple; ++i) {
    const Branch& from = plan_.branches[states_[i].branch];
    if (from.stays) return false;
    from.edges.each(local, hash, tag.uri, [&](const Edge& edge) {
      const Branch& to = plan_.branches[edge.target];
      simple = simple && edge.filter == NONE && to.is_leaf && count < MOST;
      if (simple) ways[count++] = {&to, static_cast<uint32_t>(i)};
    });
  }
  if (!simple) return false;
  for (size_t i = 0; i < count; ++i) {
    const State& from = states_[ways[i].state];
    const Branch& branch = *ways[i].branch;
    if (!branch.attributes.empty()) read_attributes(branch, from.frame, from.decision, tag);
    for (const WantedText& wanted : branch.leaf_texts) {
      const uint32_t at = from.frame + wanted.slot;
      if (wanted.keeps_all) {
        fill(wanted.column, at, claim(wanted.column, at, from.decision), text);
        continue;
      }
      Cell& cell = frames_[branch.scope].cells[at];
      if (++cell.count > 1 && !wanted.last) continue;
      cell.data = text.data();
      cell.size = static_cast<uint32_t>(text.size());
    }
  }
  return true;
}

void Matcher::read_text(uint32_t column, uint32_t frame, uint32_t decision, Terminal terminal, Tag& tag) {
  const uint32_t cell = frame + plan_.columns[column].slot;
  const uint32_t place = claim(column, cell, decision);
  const bool only_first = plan_.columns[column].many == Many::first || plan_.columns[column].many == Many::error;
  if (only_first && !plan_.columns[column].late && place != 1) return;
  targets_.push_back({terminal, column, cell, place});
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
  cell.data = value.data();
  cell.size = static_cast<uint32_t>(value.size());
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
    for (Attribute& attribute : *tag.attributes)
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
    for (Attribute& attribute : *tag.attributes)
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
