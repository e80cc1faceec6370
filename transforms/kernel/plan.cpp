#include "plan.h"

#include <cstring>
#include <stdexcept>

#include "hash.h"

namespace columnar {

namespace {

// Reads numbers and texts, and never beyond the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  uint32_t number() {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value |= static_cast<uint32_t>(byte(i)) << (8 * i);
    take(4);
    return value;
  }

  uint64_t wide() {
    const uint64_t low = number();
    return low | static_cast<uint64_t>(number()) << 32;
  }

  std::string text() { return std::string(take(number())); }

  // A number that counts things which take at least four bytes each.
  uint32_t count() {
    const uint32_t value = number();
    if (value > left_.size() / 4) fail("a count is too large");
    return value;
  }

  std::vector<uint32_t> numbers() {
    std::vector<uint32_t> values(count());
    for (uint32_t& value : values) value = number();
    return values;
  }

  NameTest name() {
    NameTest test;
    test.uri = number();
    test.any_local = number() != 0;
    test.local = text();
    test.hash = hash_of(test.local);
    return test;
  }

  void expect(std::string_view bytes) {
    if (take(bytes.size()) != bytes) fail("another version");
  }

  void expect_end() const {
    if (!left_.empty()) fail("bytes are left over");
  }

  [[noreturn]] static void fail(const char* what) { throw std::invalid_argument(std::string("not a plan: ") + what); }

 private:
  uint8_t byte(size_t at) const {
    if (at >= left_.size()) fail("it ends early");
    return static_cast<uint8_t>(left_[at]);
  }

  std::string_view take(size_t size) {
    if (size > left_.size()) fail("it ends early");
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
};

uint32_t below(uint32_t value, size_t bound, const char* what) {
  if (value >= bound) Reader::fail(what);
  return value;
}

template <typename T>
void read_all(Reader& reader, std::vector<T>& all, T (*read)(Reader&)) {
  for (uint32_t left = reader.count(); left > 0; --left) all.push_back(read(reader));
}

Leaf read_leaf(Reader& reader) {
  Leaf leaf;
  leaf.operand = static_cast<OperandKind>(below(reader.number(), 4, "an operand"));
  leaf.test = static_cast<Test>(below(reader.number(), 3, "a test"));
  leaf.name = reader.name();
  leaf.literal = reader.text();
  return leaf;
}

// A program must leave exactly one value, and never take more than there are.
void check_program(const std::vector<Operation>& program, size_t leaves) {
  size_t depth = 0;
  for (const Operation& operation : program) {
    if (operation.kind == Operator::push) {
      below(operation.operand, leaves, "a leaf");
      if (++depth > 64) Reader::fail("a predicate is too deep");
    } else if (operation.kind == Operator::negate) {
      if (depth < 1) Reader::fail("a predicate");
    } else {
      if (operation.operand < 1 || operation.operand > depth) Reader::fail("a predicate");
      depth -= operation.operand - 1;
    }
  }
  if (depth != 1) Reader::fail("a predicate");
}

Predicate read_predicate(Reader& reader, Filter& filter) {
  Predicate predicate;
  const uint32_t position = reader.number();
  const uint32_t operations = reader.count();
  if (position != NONE) {
    predicate.position = position;
    if (position == 0) filter.last = true;
    predicate.counter = filter.counters++;
    return predicate;
  }
  predicate.is_program = true;
  for (uint32_t i = 0; i < operations; ++i) {
    const auto kind = static_cast<Operator>(below(reader.number(), 4, "an operator"));
    predicate.program.push_back({kind, reader.number()});
  }
  check_program(predicate.program, filter.leaves.size());
  return predicate;
}

Limits read_limits(Reader& reader) {
  Limits limits;
  limits.document_bytes = reader.wide();
  limits.text_bytes = reader.wide();
  limits.depth = reader.number();
  limits.attributes = reader.number();
  limits.name_bytes = reader.number();
  return limits;
}

Route read_route(Reader& reader) {
  Route route;
  route.root = reader.name();
  route.branch = reader.number();
  return route;
}

WholeColumn read_whole(Reader& reader) {
  WholeColumn column;
  column.name = reader.text();
  column.before = reader.number();
  column.kind = static_cast<WholeKind>(below(reader.number(), 3, "a kind"));
  column.key = reader.number();
  column.constant = reader.text();
  return column;
}

Extract read_extract(Reader& reader) {
  Extract extract;
  extract.name = reader.text();
  extract.route = reader.number();
  extract.parent = reader.number();
  read_all(reader, extract.whole, read_whole);
  return extract;
}

PlanColumn read_column(Reader& reader) {
  PlanColumn column;
  column.name = reader.text();
  column.source = reader.text();
  column.separator = reader.text();
  column.extract = reader.number();
  column.scope = reader.number();
  column.slot = reader.number();
  column.many = static_cast<Many>(below(reader.number(), 5, "many"));
  column.late = reader.number() != 0;
  const uint32_t kind = reader.number(), a = reader.number(), b = reader.number(), flags = reader.number();
  const std::string formats = reader.text();
  column.type = make_cell_type(kind, a, b, flags, formats);
  if (column.type.typed() && (column.many == Many::join || column.many == Many::list)) Reader::fail("a typed list");
  return column;
}

Scope read_scope(Reader& reader) {
  Scope scope;
  scope.extract = reader.number();
  scope.reach = static_cast<Reach>(below(reader.number(), 5, "a reach"));
  scope.levels = reader.number();
  scope.branch = reader.number();
  scope.columns = reader.numbers();
  return scope;
}

Filter read_filter(Reader& reader) {
  Filter filter;
  for (uint32_t left = reader.count(); left > 0; --left) filter.leaves.push_back(read_leaf(reader));
  if (filter.leaves.size() > 64) Reader::fail("too many leaves");
  for (uint32_t left = reader.count(); left > 0; --left) filter.predicates.push_back(read_predicate(reader, filter));
  for (const Leaf& leaf : filter.leaves) {
    filter.asks_children |= leaf.operand == OperandKind::child;
    filter.late |= leaf.operand != OperandKind::attribute;
  }
  filter.late |= filter.last;
  if (filter.last) filter.counters += 2;  // the list of those that wait, first and last
  return filter;
}

// Reads an edge; says whether it belongs to the branch that stays below the element.
bool read_edge(Reader& reader, Plan& plan, Edge& edge) {
  edge.name = reader.name();
  const bool descendant = reader.number() != 0;
  edge.target = reader.number();
  Filter filter = read_filter(reader);
  if (!filter.predicates.empty()) {
    edge.filter = static_cast<uint32_t>(plan.filters.size());
    plan.filters.push_back(std::move(filter));
  }
  return descendant;
}

void add_edge(Branch& branch, const Plan& plan, Edge edge) {
  if (edge.filter != NONE) {
    edge.counters_at = branch.counters;
    branch.counters += plan.filters[edge.filter].counters;
    branch.has_last |= plan.filters[edge.filter].last;
  }
  branch.edges.add(edge);
}

void index_attributes(Branch& branch) {
  size_t buckets = 1;
  while (buckets < 2 * branch.attributes.size()) buckets *= 2;
  branch.attribute_mask = buckets - 1;
  branch.attribute_buckets.assign(buckets, NONE);
  for (size_t i = branch.attributes.size(); i-- > 0;) {
    uint32_t& bucket = branch.attribute_buckets[branch.attributes[i].name.hash & branch.attribute_mask];
    branch.attributes[i].next = bucket;
    bucket = static_cast<uint32_t>(i);
  }
}

// Reads a branch; its `//` steps become a branch of their own, appended to `extra`.
WantedAttribute read_wanted(Reader& reader) {
  WantedAttribute wanted;
  wanted.name = reader.name();
  wanted.column = reader.number();
  return wanted;
}

SelfEdge read_self(Reader& reader) {
  SelfEdge edge;
  edge.name = reader.name();
  edge.negated = reader.number() != 0;
  edge.target = reader.number();
  return edge;
}

Branch read_branch(Reader& reader, Plan& plan, size_t count, std::vector<Branch>& extra) {
  Branch branch, stays;
  branch.scope = reader.number();
  branch.opens = reader.numbers();
  branch.rows = reader.numbers();
  read_all(reader, branch.attributes, read_wanted);
  branch.texts = reader.numbers();
  branch.strings = reader.numbers();
  branch.xmls = reader.numbers();
  for (uint32_t column : reader.numbers()) branch.names.push_back({column});
  read_all(reader, branch.firsts, read_wanted);
  read_all(reader, branch.selves, read_self);
  for (uint32_t left = reader.count(); left > 0; --left) {
    Edge edge;
    const bool descendant = read_edge(reader, plan, edge);
    add_edge(descendant ? stays : branch, plan, edge);
  }
  branch.edges.index();
  index_attributes(branch);
  if (!stays.edges.empty()) {
    stays.scope = branch.scope;
    stays.stays = true;
    stays.edges.index();
    index_attributes(stays);
    branch.descendants = static_cast<uint32_t>(count + extra.size());
    extra.push_back(std::move(stays));
  }
  return branch;
}

void check_columns(const std::vector<uint32_t>& columns, const Plan& plan, uint32_t scope) {
  for (uint32_t column : columns) {
    below(column, plan.columns.size(), "a column");
    if (plan.columns[column].scope != scope) Reader::fail("a column of another scope");
  }
}

void check_whole(const Plan& plan) {
  std::vector<uint32_t> read(plan.extracts.size());
  for (const PlanColumn& column : plan.columns) ++read[column.extract];
  for (size_t i = 0; i < plan.extracts.size(); ++i) {
    uint32_t last = 0;
    for (const WholeColumn& column : plan.extracts[i].whole) {
      below(column.before, size_t{read[i]} + 1, "a column's place");
      if (column.before < last) Reader::fail("columns out of order");
      last = column.before;
      if (column.kind == WholeKind::key) below(column.key, plan.keys, "a key");
    }
  }
}

// Everything that refers to something else refers to something that is there.
void check(const Plan& plan) {
  for (const Route& route : plan.routes) below(route.branch, plan.branches.size(), "a branch");
  for (size_t i = 0; i < plan.extracts.size(); ++i) {
    const Extract& extract = plan.extracts[i];
    below(extract.route, plan.routes.size(), "a route");
    if (extract.parent != NONE) below(extract.parent, i, "a parent");
  }
  for (size_t i = 0; i < plan.scopes.size(); ++i) {
    const Scope& scope = plan.scopes[i];
    below(scope.extract, plan.extracts.size(), "an extract");
    below(scope.branch, plan.branches.size(), "a branch");
    if (plan.branches[scope.branch].scope != i) Reader::fail("a branch of another scope");
    check_columns(scope.columns, plan, static_cast<uint32_t>(i));
    for (size_t slot = 0; slot < scope.columns.size(); ++slot)
      if (plan.columns[scope.columns[slot]].slot != slot) Reader::fail("a slot");
  }
  for (const PlanColumn& column : plan.columns) {
    below(column.extract, plan.extracts.size(), "an extract");
    below(column.scope, plan.scopes.size(), "a scope");
    below(column.slot, plan.scopes[column.scope].columns.size(), "a slot");
    if (plan.scopes[column.scope].extract != column.extract) Reader::fail("a column of another extract");
  }
  check_whole(plan);
  for (size_t i = 0; i < plan.branches.size(); ++i) {
    const Branch& branch = plan.branches[i];
    if (branch.scope != NONE) below(branch.scope, plan.scopes.size(), "a scope");
    if (branch.scope != NONE && !(branch.opens.empty() && branch.rows.empty())) Reader::fail("rows inside of a scope");
    for (uint32_t scope : branch.opens) below(scope, plan.scopes.size(), "a scope");
    for (uint32_t extract : branch.rows) below(extract, plan.extracts.size(), "an extract");
    for (const auto* columns : {&branch.texts, &branch.strings, &branch.xmls})
      check_columns(*columns, plan, branch.scope);
    for (const WantedText& wanted : branch.names) check_columns({wanted.column}, plan, branch.scope);
    for (const WantedAttribute& wanted : branch.attributes) check_columns({wanted.column}, plan, branch.scope);
    for (const WantedAttribute& wanted : branch.firsts) {
      check_columns({wanted.column}, plan, branch.scope);
      if (plan.columns[wanted.column].keeps_all()) Reader::fail("the first of all");
    }
    for (const SelfEdge& edge : branch.selves) {
      below(edge.target, plan.branches.size(), "a branch");
      if (edge.target <= i || plan.branches[edge.target].scope != branch.scope) Reader::fail("a branch of itself");
    }
    for (const Edge& edge : branch.edges.edges()) {
      below(edge.target, plan.branches.size(), "a branch");
      if (plan.branches[edge.target].scope != branch.scope) Reader::fail("a branch of another scope");
    }
  }
}

// What is looked up at every element, put where it is needed.
void prepare(Branch& branch, const Plan& plan) {
  branch.is_leaf = branch.rows.empty() && branch.xmls.empty() && branch.names.empty() && branch.firsts.empty() &&
                   branch.selves.empty();
  branch.goes_on = !branch.edges.empty();
  branch.reads_attributes = !branch.attributes.empty();
  branch.reads_others = !(branch.texts.empty() && branch.strings.empty() && branch.xmls.empty() && branch.names.empty() &&
                          branch.firsts.empty());
  branch.begins = !(branch.opens.empty() && branch.rows.empty());
  const auto wanted_text = [&plan](uint32_t number) {
    const PlanColumn& column = plan.columns[number];
    return WantedText{number, column.slot, column.keeps_all(), column.many == Many::last};
  };
  for (const auto* columns : {&branch.texts, &branch.strings})
    for (uint32_t number : *columns) branch.leaf_texts.push_back(wanted_text(number));
  for (WantedText& wanted : branch.names) wanted = wanted_text(wanted.column);
  for (WantedAttribute& wanted : branch.attributes) {
    const PlanColumn& column = plan.columns[wanted.column];
    wanted.slot = column.slot;
    wanted.keeps_all = column.keeps_all();
    wanted.last = column.many == Many::last;
  }
}

}  // namespace

void EdgeTable::index() {
  size_t buckets = 1;
  while (buckets < 2 * edges_.size()) buckets *= 2;
  mask_ = buckets - 1;
  buckets_.assign(buckets, NONE);
  for (size_t i = edges_.size(); i-- > 0;) {
    if (edges_[i].name.any_local) continue;
    uint32_t& bucket = buckets_[edges_[i].name.hash & mask_];
    edges_[i].next = bucket;
    bucket = static_cast<uint32_t>(i);
  }
  for (size_t i = 0; i < edges_.size(); ++i)
    if (edges_[i].name.any_local) any_.push_back(static_cast<uint32_t>(i));
}

std::unique_ptr<Plan> read_plan(std::string_view bytes) {
  auto plan = std::make_unique<Plan>();
  Reader reader(bytes);
  reader.expect(PLAN_FORMAT);
  for (uint32_t left = reader.count(); left > 0; --left) plan->uris.push_back(reader.text());
  plan->limits = read_limits(reader);
  plan->keys = reader.number();
  read_all(reader, plan->routes, read_route);
  read_all(reader, plan->extracts, read_extract);
  read_all(reader, plan->columns, read_column);
  read_all(reader, plan->scopes, read_scope);
  const uint32_t branches = reader.count();
  std::vector<Branch> extra;
  for (uint32_t i = 0; i < branches; ++i) plan->branches.push_back(read_branch(reader, *plan, branches, extra));
  for (Branch& branch : extra) plan->branches.push_back(std::move(branch));
  reader.expect_end();
  check(*plan);
  for (uint32_t i = 0; i < plan->columns.size(); ++i) plan->extracts[plan->columns[i].extract].columns.push_back(i);
  for (Scope& scope : plan->scopes) scope.width = static_cast<uint32_t>(scope.columns.size());
  for (Branch& branch : plan->branches) prepare(branch, *plan);
  for (Branch& branch : plan->branches)
    for (Edge& edge : branch.edges.edges()) edge.to_leaf = edge.filter == NONE && plan->branches[edge.target].is_leaf;
  for (uint32_t i = 0; i < plan->scopes.size(); ++i) plan->extracts[plan->scopes[i].extract].scopes.push_back(i);
  for (const Extract& extract : plan->extracts)
    if (extract.parent != NONE) plan->extracts[extract.parent].is_parent = true;
  return plan;
}

}  // namespace columnar
