#include "matcher.h"

#include <algorithm>

#include "fault.h"
#include "references.h"
#include "wide.h"

namespace columnar {

Matcher::Matcher(const Plan& plan, Arena& arena, const Namespaces& namespaces)
    : plan_(plan),
      arena_(arena),
      namespaces_(namespaces),
      written_(plan.scopes.size()),
      leads_(LEADS),
      reads_(plan.branches.size()),
      frames_(plan.scopes.size()),
      rows_(plan.extracts.size()),
      before_(plan.extracts.size()),
      several_(plan.columns.size()),
      several_here_(plan.columns.size()) {
  extracts_.reserve(plan.extracts.size());
  for (uint32_t extract = 0; extract < plan.extracts.size(); ++extract) {
    ExtractColumns& columns = extracts_.emplace_back(plan, extract);
    const std::vector<uint32_t>& all = plan.extracts[extract].columns;
    for (uint32_t place = 0; place < all.size(); ++place) {
      const PlanColumn& column = plan.columns[all[place]];
      ColumnBuilder& builder = columns.column(place);
      const bool single = !column.keeps_all();
      written_[column.scope].push_back({&column, &builder, single ? std::get_if<TextBuilder>(&builder) : nullptr,
                                        single ? std::get_if<TypedBuilder>(&builder) : nullptr, column.slot});
    }
  }
}

void Matcher::begin_document(const char* begin, const char* end, uint64_t allowed) {
  begin_ = begin;
  const auto size = static_cast<size_t>(end - begin);
  ahead_ = size < AHEAD ? 0 : size - AHEAD + 1;
  allowed_ = allowed;
  route_ = NONE;
  root_.clear();
  root_fits_ = false;
  counted_ = begin;
  lines_ = 1;
  elements_.clear();
  depth_ = 0;
  states_.clear();
  counters_.clear();
  candidates_.clear();
  open_candidates_.clear();
  targets_.clear();
  opened_rows_.clear();
  opened_frames_.clear();
  ropes_.clear();
  strings_open_.clear();
  writers_.clear();
  passed_ = 0;
  decisions_.clear();
  for (Frames& frames : frames_) {
    frames.cells.clear();
    frames.open.clear();
    frames.row_frames.clear();
    frames.written = 0;
  }
  for (Rows& rows : rows_) {
    rows.all.clear();
    rows.open.clear();
  }
  entries_.clear();
  pending_cells_ = 0;
  for (uint32_t column : several_columns_) several_here_[column] = 0;
  several_columns_.clear();
  refusal_.clear();
  for (size_t extract = 0; extract < extracts_.size(); ++extract) before_[extract] = extracts_[extract].rows();
  push_element();  // the document itself
  own_ = NONE;
  element().follows = follows_ = true;
}

void Matcher::roll_back() {
  for (size_t extract = 0; extract < extracts_.size(); ++extract) extracts_[extract].truncate(before_[extract]);
}

void Matcher::push_element() {
  ++depth_;
  elements_.push_back({static_cast<uint32_t>(states_.size()), static_cast<uint32_t>(counters_.size()),
                       static_cast<uint32_t>(open_candidates_.size()), static_cast<uint32_t>(targets_.size()),
                       static_cast<uint32_t>(opened_rows_.size()), static_cast<uint32_t>(opened_frames_.size()), NONE,
                       NONE, NONE, 0, false});
}

// The root element decides by which route the document is read: the first that takes it.
void Matcher::start_root(Tag& tag) {
  for (uint32_t number = 0; number < plan_.routes.size(); ++number) {
    const NameTest& root = plan_.routes[number].root;
    if (!(root.any_local || root.local == tag.local()) || !(root.uri == ANY_URI || root.uri == tag.uri)) continue;
    root_fits_ = true;
    if ((allowed_ >> number & 1) == 0) continue;
    route_ = number;
    break;
  }
  if (route_ == NONE) {
    root_ = full_name(namespaces_.text_of(tag.uri), tag.local());
    root_line_ = line_of(tag.end);
    return;
  }
  const auto begin_at = [this](uint32_t number, uint32_t frame) {
    const Branch& branch = plan_.branches[number];
    if (!branch.edges.empty()) push_state(number, frame, NONE);
    if (branch.descendants != NONE) push_state(branch.descendants, frame, NONE);
  };
  begin_at(plan_.routes[route_].branch, NONE);
  for (uint32_t scope = 0; scope < plan_.scopes.size(); ++scope)
    if (plan_.scopes[scope].reach == Reach::document &&
        plan_.extracts[plan_.scopes[scope].extract].route == route_)
      begin_at(plan_.scopes[scope].branch, new_frame(scope));
}

bool Matcher::start(Tag& tag, bool empty) {
  if (depth_ == 1) start_root(tag);
  find_ways(tag);
  const auto last_candidate = static_cast<uint32_t>(open_candidates_.size());
  if (ways_.empty() && element().candidates == last_candidate) {  // as with most; `//` may still lead to those below it
    const Below what = empty ? Below::nothing : below();
    if (what == Below::nothing) return false;
    if (what == Below::the_same) {
      ++element().inside;
      ++depth_;
      return true;
    }
  }
  const Element parent = element();
  const auto last_state = static_cast<uint32_t>(states_.size());
  push_element();
  size_t way = 0;
  for (uint32_t i = parent.states; i < last_state; ++i) {
    const Branch& branch = plan_.branches[states_[i].branch];
    for (; way < ways_.size() && ways_[way].state == i; ++way) take_edge(i, *ways_[way].edge, tag);
    if (branch.stays) stay(states_[i].branch, states_[i].frame, states_[i].decision);
  }
  if (parent.candidates < last_candidate) tell_parents(parent.candidates, last_candidate, tag);
  Element& own = element();
  if (own.rows < opened_rows_.size()) link_rows();
  own.follows = own.states < states_.size();
  for (size_t i = own.candidates; i < open_candidates_.size() && !own.follows; ++i)
    own.follows = plan_.filters[candidates_[open_candidates_[i]].filter].asks_children;
  if (!own.follows && own.targets == targets_.size() && own.frames == opened_frames_.size() &&
      own.rows == opened_rows_.size() && own.candidates == open_candidates_.size()) {
    elements_.pop_back();  // nothing is read here or below
    --depth_;
    return false;
  }
  own_ = own.own;
  follows_ = own.follows;
  return true;
}

// In the order of states. Where there is one, and one edge or none, it is kept for the next element of that name.
void Matcher::find_ways(const Tag& tag) {
  ways_.clear();
  const uint32_t first = element().states;
  if (const Lead* lead = lead_of(tag, first)) {
    if (lead->edge != nullptr) ways_.add() = {first, lead->edge};
    return;
  }
  for (uint32_t i = first; i < states_.size(); ++i)
    plan_.branches[states_[i].branch].edges.each(tag.local(), tag.hash, tag.uri,
                                                 [&](const Edge& edge) { ways_.add() = {i, &edge}; });
  if (tag.kind != 0 && states_.size() - first == 1 && ways_.size() <= 1)
    leads_[tag.kind % LEADS] = lead_by(ways_.empty() ? nullptr : ways_[0].edge, states_[first].branch, tag);
}

Matcher::Lead Matcher::lead_by(const Edge* edge, uint32_t branch, const Tag& tag) const {
  Lead lead{branch, tag.kind, tag.uri, edge};
  if (edge == nullptr) {
    lead.leaf = Lead::Leaf::nothing;
  } else if (edge->to_leaf) {
    const std::vector<WantedText>& texts = plan_.branches[edge->target].leaf_texts;
    if (texts.size() != 1 || texts[0].keeps_all) return lead;
    lead.leaf = texts[0].last ? Lead::Leaf::last_text : Lead::Leaf::first_text;
    lead.slot = texts[0].slot;
  }
  return lead;
}

// Whether below an element in this one that no path leads to is followed what is followed here.
Matcher::Below Matcher::below() const {
  const Element& parent = elements_.back();
  size_t stay = 0;
  bool counts = false;
  for (size_t i = parent.states; i < states_.size(); ++i) {
    const Branch& branch = plan_.branches[states_[i].branch];
    stay += branch.stays;
    counts |= branch.counters != 0;
  }
  if (stay == 0) return Below::nothing;
  return stay == states_.size() - parent.states && !counts && own_ == NONE ? Below::the_same : Below::less;
}

static bool is_named(const Tag& tag, const NameTest& name) {
  return (name.uri == ANY_URI || name.uri == tag.uri) && (name.any_local || name.local == tag.local());
}

void Matcher::take_edge(uint32_t state, const Edge& edge, Tag& tag) {
  const State from = states_[state];
  if (edge.filter == NONE) {
    enter(edge.target, from.frame, from.decision, tag);
    return;
  }
  const Filter& filter = plan_.filters[edge.filter];
  if (filter.late) {
    open_candidate(state, edge, tag);
  } else if (passes(filter, from.counters + edge.counters_at, attribute_leaves(filter, tag))) {
    enter(edge.target, from.frame, from.decision, tag);
  }
}

void Matcher::enter(uint32_t number, uint32_t frame, uint32_t decision, Tag& tag) {
  const Branch& branch = plan_.branches[number];
  if (!branch.edges.empty()) push_state(number, frame, decision);
  if (branch.descendants != NONE) stay(branch.descendants, frame, decision);
  if (!branch.attributes.empty()) read_attributes(number, frame, decision, tag);
  for (uint32_t column : branch.texts) read_text(column, frame, decision, Terminal::text, tag);
  for (uint32_t column : branch.strings) read_text(column, frame, decision, Terminal::string, tag);
  for (uint32_t column : branch.xmls) read_text(column, frame, decision, Terminal::xml, tag);
  for (uint32_t column : branch.names) {
    const uint32_t cell = frame + plan_.columns[column].slot;
    fill(column, cell, claim(column, cell, decision), tag.local());
  }
  for (const WantedAttribute& wanted : branch.firsts) read_first(wanted, frame, tag);
  for (uint32_t scope : branch.opens) open_frame(scope, tag);
  for (uint32_t extract : branch.rows) open_row(extract, decision, tag);
  for (const SelfEdge& edge : branch.selves)
    if (is_named(tag, edge.name) != edge.negated) enter(edge.target, frame, decision, tag);
}

// A `//` step is followed from an element once, however many ways lead to it.
void Matcher::stay(uint32_t branch, uint32_t frame, uint32_t decision) {
  for (size_t i = element().states; i < states_.size(); ++i) {
    if (states_[i].branch != branch || states_[i].frame != frame) continue;
    states_[i].decision = decisions_.either(states_[i].decision, decision);
    return;
  }
  push_state(branch, frame, decision);
}

void Matcher::push_state(uint32_t branch, uint32_t frame, uint32_t decision) {
  states_.push_back({branch, frame, decision, static_cast<uint32_t>(counters_.size())});
  const uint32_t counters = plan_.branches[branch].counters;
  if (counters != 0) counters_.resize(counters_.size() + counters);
}

void Matcher::leave(std::string_view name) {
  const Element own = element();
  if (own.targets < targets_.size()) deliver(own, name);
  if (own.candidates < open_candidates_.size()) settle_candidates(own.candidates);
  if (own.counters < counters_.size()) settle_last(own.states);
  for (size_t i = own.rows; i < opened_rows_.size(); ++i)
    if (plan_.extracts[opened_rows_[i].extract].is_parent) rows_[opened_rows_[i].extract].open.pop_back();
  opened_rows_.resize(own.rows);
  if (own.frames < opened_frames_.size()) close_frames();
  targets_.resize(own.targets);
  open_candidates_.resize(own.candidates);
  states_.resize(own.states);
  counters_.resize(own.counters);
  if (own.string != NONE) strings_open_.pop_back();
  if (own.string != NONE) ropes_.pop_back();
  if (own.own != NONE) ropes_.pop_back();
  if (own.writer != NONE) writers_.pop_back();
  elements_.pop_back();
  --depth_;
  own_ = element().own;
  follows_ = element().follows;
}

void Matcher::end_document(int64_t document) {
  if (route_ == NONE) refuse_root();
  settle_last(0);
  for (uint32_t scope = 0; scope < frames_.size(); ++scope)
    if (!frames_[scope].row_frames.empty()) flush(scope);
  if (!refusal_.empty()) throw Fault{Reason::many_values, nullptr, refusal_, Fault::Kind::definite, refusal_line_};
  for (uint32_t extract = 0; extract < rows_.size(); ++extract)
    if (!rows_[extract].all.empty()) number_rows(extract, document);
  for (uint32_t column : several_columns_) several_[column] += several_here_[column];
}

void Matcher::refuse_root() const {
  std::string detail = (root_fits_ ? "no contract takes " : "the root element is ") + root_;
  if (!root_fits_ && plan_.routes.size() > 1) {
    detail += "; the contracts take ";
    std::vector<std::string> names;
    for (const Route& route : plan_.routes) {
      std::string name = route.root.uri == ANY_URI ? "{*}" + route.root.local
                                                   : full_name(namespaces_.text_of(route.root.uri), route.root.local);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
    for (size_t i = 0; i < names.size(); ++i) detail += (i == 0 ? "" : ", ") + names[i];
  }
  throw Fault{root_fits_ ? Reason::no_contract : Reason::wrong_root, nullptr, detail, Fault::Kind::definite, root_line_};
}

int32_t Matcher::line_of(const char* at) {
  if (at > counted_) {
    lines_ += static_cast<int32_t>(wide_.count_lines(counted_, at));
    counted_ = at;
  }
  return lines_;
}

std::string full_name(std::string_view uri, std::string_view local) {
  std::string name;
  if (!uri.empty()) name.append(1, '{').append(uri).append(1, '}');
  return name.append(local);
}

}  // namespace columnar
