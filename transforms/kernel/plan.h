// What is read from documents: the contract's paths as a trie. Compiled in Python (transforms/shred/native), read here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "cell_type.h"

namespace columnar {

constexpr uint32_t NONE = 0xFFFFFFFF;

// Namespaces are numbers: NO_URI, the plan's own from 1, those that only a document knows after them.
constexpr uint32_t NO_URI = 0;
constexpr uint32_t ANY_URI = 0xFFFFFFFF;

struct NameTest {
  std::string local;
  bool any_local = false;
  uint32_t uri = NO_URI;
  uint64_t hash = 0;  // of `local`
};

// Which of several values a cell takes.
enum class Many : uint8_t { first, last, join, list, error };

struct PlanColumn {
  std::string name;
  std::string source;  // the path, for messages
  std::string separator;
  uint32_t extract = 0;
  uint32_t scope = 0;
  uint32_t slot = 0;  // in the scope's frames
  Many many = Many::first;
  bool late = false;  // whether its values may depend on what is known only after them
  CellType type;      // what its cells are read as

  // Whether every value is kept until the cell is written, not the first or the last only.
  bool keeps_all() const { return late || many == Many::join || many == Many::list; }
};

// A column that is not read from elements: of every row the same, or what its document or its place gives.
enum class WholeKind : uint8_t { position, key, constant };

struct WholeColumn {
  std::string name;
  uint32_t before = 0;  // how many of the extract's columns that are read from elements stand before it
  WholeKind kind = WholeKind::position;
  uint32_t key = 0;  // its number
  std::string constant;
};

enum class OperandKind : uint8_t { attribute, child, text, self };
enum class Test : uint8_t { exists, equal, unequal };

struct Leaf {
  OperandKind operand = OperandKind::attribute;
  Test test = Test::exists;
  NameTest name;
  std::string literal;
};

enum class Operator : uint8_t { push, negate, all, any };

struct Operation {
  Operator kind = Operator::push;
  uint32_t operand = 0;  // push: a leaf; all and any: how many they join
};

struct Predicate {
  bool is_program = false;
  uint32_t position = 0;  // from 1; 0: the last
  uint32_t counter = 0;   // where the position is counted, among the counters of the edge
  std::vector<Operation> program;
};

// The predicates of a step.
struct Filter {
  std::vector<Leaf> leaves;
  std::vector<Predicate> predicates;
  uint32_t counters = 0;  // how many numbers it keeps for one parent element
  bool late = false;      // whether it takes more than a start tag to decide
  bool last = false;      // whether it takes the parent's end
  bool asks_children = false;
};

struct Edge {
  NameTest name;
  uint32_t target = 0;
  uint32_t filter = NONE;
  uint32_t counters_at = 0;  // among the counters of the branch it leaves
  uint32_t next = NONE;      // another edge in the same bucket
  bool to_leaf = false;      // it leads to a leaf, whatever the element is like
};

// The edges by element name.
class EdgeTable {
 public:
  void add(const Edge& edge) { edges_.push_back(edge); }
  void index();
  bool empty() const { return edges_.empty(); }
  const std::vector<Edge>& edges() const { return edges_; }
  std::vector<Edge>& edges() { return edges_; }

  // Calls `use` with every edge that a name takes. hash: of `local`.
  template <typename Use>
  void each(std::string_view local, uint64_t hash, uint32_t uri, Use&& use) const {
    for (uint32_t at = buckets_[hash & mask_]; at != NONE; at = edges_[at].next) {
      const Edge& edge = edges_[at];
      if (edge.name.hash == hash && (edge.name.uri == uri || edge.name.uri == ANY_URI) &&
          edge.name.local.size() == local.size() && same_bytes(edge.name.local.data(), local.data(), local.size()))
        use(edge);
    }
    for (uint32_t at : any_) {
      const Edge& edge = edges_[at];
      if (edge.name.uri == uri || edge.name.uri == ANY_URI) use(edge);
    }
  }
 private:
  std::vector<Edge> edges_;
  std::vector<uint32_t> buckets_{NONE};
  std::vector<uint32_t> any_;
  uint64_t mask_ = 0;
};

struct WantedAttribute {
  NameTest name;
  uint32_t column = 0;
  uint32_t next = NONE;
  // of the column, which is not looked at for most attributes
  uint32_t slot = 0;
  bool keeps_all = false;
  bool last = false;
};

// A column of text, with what is needed of it at every element.
struct WantedText {
  uint32_t column = 0;
  uint32_t slot = 0;
  bool keeps_all = false;
  bool last = false;
};

// A step to the element itself, if it has a name, or if it has not.
struct SelfEdge {
  NameTest name;
  bool negated = false;
  uint32_t target = 0;  // behind the branch that it leaves: no way leads back
};

// One element path. `descendants`: the branch of its `//` steps, which stays active below the element.
struct Branch {
  uint32_t scope = NONE;
  uint32_t counters = 0;
  uint32_t descendants = NONE;
  bool stays = false;
  bool has_last = false;
  // What is looked at where an element is entered by it: whether there are any edges, attributes, values of other kinds,
  // and rows or frames.
  bool goes_on = false;
  bool reads_attributes = false;
  bool reads_others = false;
  bool begins = false;
  EdgeTable edges;
  std::vector<uint32_t> opens;  // scopes whose frames begin here
  std::vector<uint32_t> rows;   // extracts that have a row here
  std::vector<WantedAttribute> attributes;
  std::vector<uint32_t> attribute_buckets;
  uint64_t attribute_mask = 0;
  std::vector<uint32_t> texts;
  std::vector<uint32_t> strings;
  std::vector<uint32_t> xmls;
  std::vector<WantedText> names;        // columns that take the element's local name
  std::vector<WantedAttribute> firsts;  // of the first element, or nothing where that has no such attribute
  std::vector<SelfEdge> selves;

  bool is_leaf = false;  // whether attributes and text are all that is read of an element with no elements in it
  std::vector<WantedText> leaf_texts;  // of a leaf: what takes its text
};

enum class Reach : uint8_t { row, parents, ancestor, document, nowhere };

struct Scope {
  uint32_t extract = 0;
  Reach reach = Reach::row;
  uint32_t levels = 0;
  uint32_t branch = 0;
  uint32_t width = 0;  // how many columns
  std::vector<uint32_t> columns;
};

struct Extract {
  std::string name;
  uint32_t route = 0;
  uint32_t parent = NONE;
  std::vector<uint32_t> columns;  // in order
  std::vector<WholeColumn> whole;
  std::vector<uint32_t> scopes;
  bool is_parent = false;
};

struct Route {
  NameTest root;
  uint32_t branch = 0;
};

struct Limits {
  uint64_t document_bytes = 0;
  uint64_t text_bytes = 0;
  uint32_t depth = 0;
  uint32_t attributes = 0;
  uint32_t name_bytes = 0;
};

struct Plan {
  std::vector<std::string> uris;  // number 1 is the first
  Limits limits;
  std::vector<Route> routes;
  std::vector<Extract> extracts;
  std::vector<PlanColumn> columns;
  std::vector<Scope> scopes;
  std::vector<Branch> branches;
  std::vector<Filter> filters;
  uint32_t keys = 0;  // how many a document has
};

// How plans are written, and what they begin with; transforms/shred/native/encode.py has the same. Another number
// wherever that changes, or what the module can be asked for: Python then tells a kernel that was built for another one.
inline constexpr const char* PLAN_FORMAT = "CLK4";

// Reads what transforms/shred/native/encode.py wrote. Throws std::invalid_argument.
std::unique_ptr<Plan> read_plan(std::string_view bytes);

}  // namespace columnar
