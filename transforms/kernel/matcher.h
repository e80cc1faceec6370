// Follows the plan's paths from element to element, and collects what they lead to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arena.h"
#include "decisions.h"
#include "frames.h"
#include "leads.h"
#include "namespaces.h"
#include "output_columns.h"
#include "plan.h"
#include "references.h"
#include "rope.h"
#include "stack.h"
#include "tag.h"
#include "wide.h"
#include "xml_writer.h"

namespace columnar {

// A place in a list, as its distance from the first in bytes, so that nothing is left to be reckoned.
template <typename T>
class Place {
 public:
  explicit Place(uint32_t number) : bytes_(number * static_cast<uint32_t>(sizeof(T))) {}
  T& in(T* first) const {
    using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
    return *reinterpret_cast<T*>(reinterpret_cast<Byte*>(first) + bytes_);
  }

 private:
  uint32_t bytes_;
};

class Matcher {
 public:
  Matcher(const Plan& plan, Arena& arena, const Namespaces& namespaces);

  // allowed: the routes that may take the document by its keys, as bits.
  void begin_document(const char* begin, const char* end, uint64_t allowed);
  // Accepts the document. Throws Fault, or Decline where a column would grow too large. Cells of short documents wait:
  // those of many are written in one go, which takes their bytes, and the arena's, to be there until then.
  void end_document(int64_t document);
  // Forgets the document.
  void roll_back();
  // Writes the cells of the documents that ended well, and whether there are any. Between documents.
  void write_waiting();
  bool waits() const { return rows_waiting_ != 0; }

  // Whether the next start tag can lead anywhere; if not, or if start() says so, pass() does for it.
  bool follows() const { return passed_ == 0 && follows_; }
  void pass() { ++passed_; }
  // An element with nothing in it but this text: true if that is all that there is to do about it. Else nothing was
  // done.
  bool take_leaf(Tag& tag, std::string_view text);
  // Leaves without attributes that follow each other are asked about where they are, once for all of them.
  class Leaves;
  // False: nothing is read of the element nor below it, and nothing was done.
  bool start(Tag& tag, bool empty);
  void end(std::string_view name) {
    if (passed_ > 0) {
      --passed_;
    } else if (element().inside > 0) {
      --element().inside;
      --depth_;
    } else {
      leave(name);
    }
  }

  // Whether text is read where the scanner is, and whether markup is, for `xml()`.
  bool reads_text() const { return !strings_open_.empty() || !writers_.empty() || (passed_ == 0 && own_ != NONE); }
  bool reads_markup() const { return !writers_.empty(); }
  // A piece of text, references resolved; it must stay valid until the document is written.
  void text(std::string_view piece);
  void markup_start(Tag& tag);
  void markup_section();
  void markup_end(std::string_view name);
  void markup_comment(std::string_view inside);
  void markup_instruction(std::string_view target, bool has_data, std::string_view data);

  std::vector<ExtractColumns>& extracts() { return extracts_; }
  const std::vector<int64_t>& several() const { return several_; }

 private:
  // A branch that is followed below an element, with the frame that it fills.
  struct State {
    uint32_t branch, frame, decision, counters;
  };

  // An element that is followed.
  struct Element {
    uint32_t states, counters, candidates, targets, rows, frames;  // how many there were before it
    uint32_t own, string, writer;  // what collects its text; NONE: nothing does
    uint32_t inside;               // so many open elements in it are like it: the same is followed there
    bool follows;
    uint64_t list;  // of the branches that are followed, if it was asked for
  };

  // An element that may be meant by a step with predicates that look at what follows.
  struct Candidate {
    uint32_t filter, counters, decision;
    uint32_t next;  // the next that waits for the parent's end
    uint64_t leaves;
  };

  // Where the text of an element goes when it ends: into a cell, or into a leaf of a candidate.
  enum class Terminal : uint8_t { text, string, xml };
  struct Target {
    Terminal terminal;
    uint32_t column;  // NONE: a leaf
    uint32_t cell;    // or the candidate
    uint32_t place;   // in the order of the cell's values, or an entry; or the leaf
  };

  struct OpenedRow {
    uint32_t extract, row;
  };

  // Which attributes of the last element that a branch led to are wanted: those of which a cell takes the first, as most
  // do, and others.
  struct ReadFirst {
    Place<const Attribute> attribute;
    Place<Cell> cell;
  };
  struct Read {
    uint32_t attribute;
    const WantedAttribute* wanted;
  };
  struct Reads {
    uint32_t kind = 0;
    uint64_t pattern = 0;
    std::vector<ReadFirst> firsts;
    std::vector<Read> others;
  };

  // Where the columns of a scope are that ask for more when a document ends.
  struct Asked {
    uint32_t scope;
    const PlanColumn* column;
  };

  // A column of a scope, and what it is written to: text or typed, if it is one of these and keeps no list of values.
  struct Written {
    const PlanColumn* plan;
    ColumnBuilder* builder;
    TextBuilder* text;
    TypedBuilder* typed;
    uint32_t slot;  // in the scope's frames
  };

  // The rows of a scope that are written. frames: where the cells of each begin, or NONE. rows: which of those that
  // wait they are; nullptr: all.
  struct Waiting {
    size_t count = 0;
    const uint32_t* frames = nullptr;
    const uint32_t* rows = nullptr;
  };

  Element& element() { return elements_.back(); }
  uint32_t depth() const { return depth_; }

  bool take_followed_leaf(Tag& tag, std::string_view text);
  bool leads_beyond(const Edge& edge, Tag& tag, std::string_view text);
  void read_leaf(const State& from, const Edge& edge, Tag& tag, std::string_view text);
  const Lead& lead_to(const Tag& tag);
  uint64_t list();
  void find_ways(const Tag& tag, Lead& lead) const;
  void push_element();
  void start_root(Tag& tag);
  void leave(std::string_view name);
  int32_t line_of(const char* at);
  void take_filtered(uint32_t state, const Edge& edge, Tag& tag);
  void enter(uint32_t branch, uint32_t frame, uint32_t decision, Tag& tag);
  void stay(uint32_t branch, uint32_t frame, uint32_t decision);
  void push_state(uint32_t branch, uint32_t frame, uint32_t decision);

  void open_frame(uint32_t scope, Tag& tag);
  void open_row(uint32_t extract, uint32_t decision, Tag& tag);
  uint32_t frame_of_row(uint32_t scope);
  void link_rows();
  uint32_t new_frame(uint32_t scope);
  void close_frames();

  void read_attributes(uint32_t branch, uint32_t frame, uint32_t decision, Tag& tag);
  void read_others(const Branch& branch, uint32_t frame, uint32_t decision, Tag& tag);
  void put(const WantedText& wanted, uint32_t scope, uint32_t frame, uint32_t decision, std::string_view value);
  void read_first(const WantedAttribute& wanted, uint32_t frame, Tag& tag);
  void find_wanted(const Branch& branch, Tag& tag, Reads& reads);
  void read_text(uint32_t column, uint32_t frame, uint32_t decision, Terminal terminal, Tag& tag);
  Cell& cell_of(uint32_t column, uint32_t cell) { return frames_[plan_.columns[column].scope].cells[cell]; }
  uint32_t claim(uint32_t column, uint32_t cell, uint32_t decision);
  void fill(uint32_t column, uint32_t cell, uint32_t place, std::string_view value);
  void collect(Terminal terminal, Tag& tag);
  void deliver(const Element& element, std::string_view name);
  void test_leaf(uint32_t candidate, uint32_t leaf, std::string_view value);
  std::string_view value_of(const Attribute& attribute);

  uint64_t attribute_leaves(const Filter& filter, Tag& tag);
  void open_candidate(uint32_t state, const Edge& edge, Tag& tag);
  void tell_parents(uint32_t first, uint32_t last, Tag& tag);
  void tell_parents_of_leaf(const Tag& tag, std::string_view text);
  bool passes_as_leaf(const Filter& filter, Tag& tag, std::string_view text);
  bool passes(const Filter& filter, uint32_t counters, uint64_t leaves);
  void settle_candidates(uint32_t from);
  void settle_last(uint32_t from_state);

  // A value as cells hold it: AHEAD bytes can be read behind it.
  std::string_view lasting(std::string_view value) {
    const auto at = static_cast<size_t>(reinterpret_cast<uintptr_t>(value.data()) - reinterpret_cast<uintptr_t>(begin_));
    if (at < ahead_ && value.size() <= ahead_ - at) [[likely]] return value;
    return arena_.holds(value.data()) ? value : arena_.copy(value);
  }
  // The value of a cell that was left as it stands in the document.
  void settle_value(Cell& cell) {
    if ((cell.size & Attribute::RAW) == 0) return;
    const std::string_view value = normalise_value({cell.data, cell.size & ~Attribute::RAW}, arena_);
    cell.data = value.data();
    cell.size = static_cast<uint32_t>(value.size());
  }
  void set(Cell& cell, std::string_view value) {
    const std::string_view kept = lasting(value);
    cell.data = kept.data();
    cell.size = static_cast<uint32_t>(kept.size());
  }

  size_t most_bytes() const;
  bool may_wait(size_t bytes);
  void settle_cells();
  void wait(size_t bytes);
  void write_accepted();
  void begin_writing();
  void forget_cells();
  void count_several();
  void flush(uint32_t scope);
  void write_columns(uint32_t scope);
  void find_waiting(const Scope& scope, const Frames& frames);
  Cell waiting_cell(uint32_t slot, Frames& frames, size_t at);
  // The text of a cell, which is noted if it met several values.
  TextCell text_of(const Written& column, const Cell& cell, size_t waiting) {
    if (cell.count > 1) [[unlikely]] note_several(*column.plan, cell.count, waiting);
    return {cell.data, cell.size};  // null as well where a first element has not the attribute that is wanted
  }
  void write_text(const Written& column, Frames& frames);
  void write_other(const Written& column, Frames& frames, ExtractColumns& extract);
  void write_typed(const Written& column, Frames& frames);
  void write_values(const PlanColumn& column, Frames& frames, ColumnBuilder& builder);
  void settle_values(const PlanColumn& column, Cell& cell);
  bool write_value(const PlanColumn& column, ColumnBuilder& builder);
  void number_rows(uint32_t extract, int64_t document);
  void note_several(const PlanColumn& column, uint32_t count, size_t waiting);
  bool may_flush(uint32_t scope) const;
  [[noreturn]] void refuse_root() const;

  const Plan& plan_;
  Arena& arena_;
  const Namespaces& namespaces_;
  std::vector<ExtractColumns> extracts_;
  std::vector<std::vector<Written>> written_;  // the columns of each scope
  std::vector<Asked> single_, keeping_;        // columns that must not meet several values, and that keep all of them
  size_t longest_separator_ = 0;

  const char* begin_ = nullptr;
  size_t size_ = 0;   // of the document
  size_t ahead_ = 0;  // so many of its bytes have AHEAD behind them
  uint64_t allowed_ = 0;
  uint32_t route_ = NONE;
  std::string root_;  // the name of the root element, where no route takes it
  bool root_fits_ = false;
  int32_t root_line_ = 0;

  const Wide& wide_ = widest();
  const char* counted_ = nullptr;  // up to where lines were counted
  int32_t lines_ = 1;

  Stack<Element> elements_;
  uint32_t depth_ = 0;  // of the last element that is followed; 1: the document itself
  Stack<State> states_;
  Stack<uint32_t> counters_;
  std::vector<Candidate> candidates_;
  Stack<uint32_t> open_candidates_;  // whose elements are open
  std::vector<uint32_t> left_;       // candidates of which the last is meant
  Stack<Target> targets_;
  Stack<OpenedRow> opened_rows_;
  Stack<uint32_t> opened_frames_;  // scopes
  std::vector<Rope> ropes_;
  std::vector<uint32_t> strings_open_;  // ropes
  std::vector<XmlWriter> writers_;
  uint32_t own_ = NONE;
  uint64_t passed_ = 0;
  bool follows_ = false;
  bool empty_ = false;  // whether the element that begins has nothing in it: then nothing is followed there

  BranchLists lists_;
  Leads leads_;
  std::vector<Reads> reads_;  // of each branch

  Decisions decisions_;
  std::vector<Frames> frames_;  // of each scope
  std::vector<Rows> rows_;      // of each extract
  bool doubts_rows_ = false;    // whether any of them hangs on a decision
  std::vector<Entry> entries_;
  size_t pending_cells_ = 0;
  size_t entries_before_ = 0, cells_before_ = 0;  // of entries_ and pending_cells_, when the document began
  bool writes_ = false;                           // whether anything of the document was written
  size_t rows_waiting_ = 0;                       // of documents that ended well
  size_t bytes_waiting_ = 0;                      // as many can they add to a column, at most
  Waiting waiting_;
  std::vector<uint32_t> waiting_rows_, waiting_frames_;  // what it refers to, where not all are written
  std::vector<std::string_view> values_;                 // of one cell

  std::vector<int64_t> before_;  // rows of each extract before this document
  std::vector<int64_t> several_;  // cells of each column, of documents that ended well
  std::vector<int64_t> several_here_;
  std::vector<uint32_t> several_columns_;  // whose cells in several_here_ are not zero
  std::string refusal_;                    // a cell met several values and must not
  int32_t refusal_line_ = 0;
};

// A name as lxml writes it: `{namespace}local`.
std::string full_name(std::string_view uri, std::string_view local);

}  // namespace columnar
