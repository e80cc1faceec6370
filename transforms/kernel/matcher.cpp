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
      if (column.many == Many::error) single_.push_back({column.scope, &column});
      if (column.keeps_all()) keeping_.push_back({column.scope, &column});
      longest_separator_ = std::max(longest_separator_, column.separator.size());
    }
  }
}

void Matcher::begin_document(const char* begin, const char* end, uint64_t allowed) {
  begin_ = begin;
  size_ = static_cast<size_t>(end - begin);
  ahead_ = size_ < AHEAD ? 0 : size_ - AHEAD;
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
  doubts_rows_ = false;
  for (Frames& frames : frames_) {
    frames.open.clear();
    frames.first = static_cast<uint32_t>(frames.cells.size());
    frames.written = 0;
  }
  for (Rows& rows : rows_) {
    rows.all.clear();
    rows.open.clear();
  }
  entries_before_ = entries_.size();
  cells_before_ = pending_cells_;
  writes_ = false;
  refusal_.clear();
  for (size_t extract = 0; extract < extracts_.size(); ++extract) before_[extract] = extracts_[extract].rows();
  push_element();  // the document itself
  own_ = NONE;
  element().follows = follows_ = true;
}

void Matcher::roll_back() {
  if (writes_) {  // then nothing waits of those before it
    for (size_t extract = 0; extract < extracts_.size(); ++extract) extracts_[extract].truncate(before_[extract]);
    for (uint32_t column : several_columns_) several_here_[column] = 0;
    several_columns_.clear();
    forget_cells();
    return;
  }
  for (Frames& frames : frames_) {
    frames.cells.shorten(frames.first);
    frames.row_frames.resize(frames.accepted);
  }
  entries_.resize(entries_before_);
  pending_cells_ = cells_before_;
}

void Matcher::push_element() {
  ++depth_;
  elements_.push({static_cast<uint32_t>(states_.size()), static_cast<uint32_t>(counters_.size()),
                  static_cast<uint32_t>(open_candidates_.size()), static_cast<uint32_t>(targets_.size()),
                  static_cast<uint32_t>(opened_rows_.size()), static_cast<uint32_t>(opened_frames_.size()), NONE, NONE,
                  NONE, 0, false, BranchLists::NOT_ASKED});
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
  const Lead& lead = lead_to(tag);
  const uint32_t first = element().states, first_candidate = element().candidates;
  const auto last_candidate = static_cast<uint32_t>(open_candidates_.size());
  if (lead.edges == 0 && first_candidate == last_candidate) {  // as with most; `//` may still lead to those below it
    if (empty || lead.below == Lead::Below::nothing) return false;
    if (lead.below == Lead::Below::the_same && own_ == NONE) {
      ++element().inside;
      ++depth_;
      return true;
    }
  }
  push_element();
  empty_ = empty;
  for (const Way& way : lead.ways) {
    const State from = states_[first + way.state];
    if (way.edge == nullptr) {
      if (!empty) stay(from.branch, from.frame, from.decision);
    } else if (way.edge->filter == NONE) {
      enter(way.edge->target, from.frame, from.decision, tag);
    } else {
      take_filtered(first + way.state, *way.edge, tag);
    }
  }
  if (first_candidate < last_candidate) tell_parents(first_candidate, last_candidate, tag);
  Element& own = element();
  if (own.rows < opened_rows_.size()) link_rows();
  own.follows = own.states < states_.size();
  for (size_t i = own.candidates; i < open_candidates_.size() && !own.follows; ++i)
    own.follows = plan_.filters[candidates_[open_candidates_[i]].filter].asks_children;
  if (!own.follows && own.targets == targets_.size() && own.frames == opened_frames_.size() &&
      own.rows == opened_rows_.size() && own.candidates == open_candidates_.size()) {
    elements_.pop();  // nothing is read here or below
    --depth_;
    return false;
  }
  own_ = own.own;
  follows_ = own.follows;
  return true;
}

// The ways to an element that begins.
const Lead& Matcher::lead_to(const Tag& tag) {
  if (tag.kind == 0) {
    find_ways(tag, leads_.passing());
    return leads_.passing();
  }
  const uint64_t list = this->list();
  Lead& lead = leads_.at(list, tag.kind);
  if (lead.kind == tag.kind && lead.list == list && lead.uri == tag.uri) return lead;
  find_ways(tag, lead);
  lead.list = list;
  lead.kind = tag.kind;
  lead.uri = tag.uri;
  return lead;
}

// The number of the list of branches that are followed in the element that is open.
uint64_t Matcher::list() {
  Element& own = element();
  if (own.list != BranchLists::NOT_ASKED) return own.list;
  uint64_t list = BranchLists::EMPTY;
  for (size_t i = own.states; i < states_.size(); ++i) list = lists_.longer(list, states_[i].branch);
  return own.list = list;
}

void Matcher::find_ways(const Tag& tag, Lead& lead) const {
  const uint32_t first = elements_.back().states;
  const auto states = static_cast<uint32_t>(states_.size()) - first;
  lead.ways.clear();
  uint32_t stay = 0;
  bool counts = false;
  for (uint32_t i = 0; i < states; ++i) {
    const Branch& branch = plan_.branches[states_[first + i].branch];
    branch.edges.each(tag.local(), tag.hash, tag.uri, [&](const Edge& edge) { lead.ways.push_back({i, &edge}); });
    if (branch.stays) lead.ways.push_back({i, nullptr});
    stay += branch.stays;
    counts |= branch.counters != 0;
  }
  lead.edges = static_cast<uint32_t>(lead.ways.size()) - stay;
  lead.below = stay == 0                  ? Lead::Below::nothing
               : stay == states && !counts ? Lead::Below::the_same
                                           : Lead::Below::less;
  lead.leaf = Lead::Leaf::unknown;
  if (states != 1) return;
  if (lead.edges == 0) {
    lead.leaf = Lead::Leaf::nothing;
  } else if (lead.edges == 1 && lead.ways[0].edge->to_leaf) {
    const std::vector<WantedText>& texts = plan_.branches[lead.ways[0].edge->target].leaf_texts;
    if (texts.size() != 1 || texts[0].keeps_all) return;
    lead.leaf = texts[0].last ? Lead::Leaf::last_text : Lead::Leaf::first_text;
    lead.slot = texts[0].slot;
  }
}

static bool is_named(const Tag& tag, const NameTest& name) {
  return (name.uri == ANY_URI || name.uri == tag.uri) && (name.any_local || name.local == tag.local());
}

// Takes an edge to elements that predicates are asked about.
void Matcher::take_filtered(uint32_t state, const Edge& edge, Tag& tag) {
  const State from = states_[state];
  const Filter& filter = plan_.filters[edge.filter];
  if (filter.late) {
    open_candidate(state, edge, tag);
  } else if (passes(filter, from.counters + edge.counters_at, attribute_leaves(filter, tag))) {
    enter(edge.target, from.frame, from.decision, tag);
  }
}

void Matcher::enter(uint32_t number, uint32_t frame, uint32_t decision, Tag& tag) {
  const Branch& branch = plan_.branches[number];
  if (branch.goes_on && !empty_) push_state(number, frame, decision);
  if (branch.descendants != NONE && !empty_) stay(branch.descendants, frame, decision);
  if (branch.reads_attributes && !tag.values->empty()) read_attributes(number, frame, decision, tag);
  if (branch.reads_others) read_others(branch, frame, decision, tag);
  if (branch.begins) {
    if (!empty_) {  // they are for rows below
      for (uint32_t scope : branch.opens) open_frame(scope, tag);
    }
    for (uint32_t extract : branch.rows) open_row(extract, decision, tag);
  }
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
  states_.push({branch, frame, decision, static_cast<uint32_t>(counters_.size())});
  const uint32_t counters = plan_.branches[branch].counters;
  if (counters != 0) counters_.extend(counters);
}

void Matcher::leave(std::string_view name) {
  const Element& own = element();
  if (own.targets < targets_.size()) deliver(own, name);
  if (own.candidates < open_candidates_.size()) settle_candidates(own.candidates);
  if (own.counters < counters_.size()) settle_last(own.states);
  for (size_t i = own.rows; i < opened_rows_.size(); ++i)
    if (plan_.extracts[opened_rows_[i].extract].is_parent) rows_[opened_rows_[i].extract].open.pop_back();
  if (own.frames < opened_frames_.size()) close_frames();
  opened_rows_.shorten(own.rows);
  targets_.shorten(own.targets);
  open_candidates_.shorten(own.candidates);
  states_.shorten(own.states);
  counters_.shorten(own.counters);
  if (own.string != NONE) strings_open_.pop_back();
  if (own.string != NONE) ropes_.pop_back();
  if (own.own != NONE) ropes_.pop_back();
  if (own.writer != NONE) writers_.pop_back();
  elements_.pop();
  --depth_;
  own_ = element().own;
  follows_ = element().follows;
}

void Matcher::end_document(int64_t document) {
  if (route_ == NONE) refuse_root();
  settle_last(0);
  const size_t bytes = most_bytes();
  const bool waits = may_wait(bytes);
  if (!waits) {
    begin_writing();
    for (uint32_t scope = 0; scope < frames_.size(); ++scope)
      if (!frames_[scope].row_frames.empty()) flush(scope);
    if (!refusal_.empty()) throw Fault{Reason::many_values, nullptr, refusal_, Fault::Kind::definite, refusal_line_};
    count_several();
    forget_cells();
  }
  for (uint32_t extract = 0; extract < rows_.size(); ++extract)
    if (!rows_[extract].all.empty()) number_rows(extract, document);
  if (waits) wait(bytes);
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
