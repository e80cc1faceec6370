// Reads one document from its first byte to its last, and judges it: XML 1.0, fifth edition, with namespaces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arena.h"
#include "fault.h"
#include "matcher.h"
#include "namespaces.h"
#include "plain_attributes.h"
#include "plain_leaves.h"
#include "plan.h"
#include "shapes.h"
#include "tag.h"
#include "unique_attributes.h"
#include "window.h"

namespace columnar {

class Scanner {
 public:
  Scanner(const Plan& plan, Arena& arena, Namespaces& namespaces, Matcher& matcher)
      : limits_(plan.limits), arena_(arena), namespaces_(namespaces), matcher_(matcher) {}
  Scanner(const Scanner&) = delete;  // it points into itself
  Scanner& operator=(const Scanner&) = delete;

  // Hands the elements and texts of a document on to the matcher. begin: behind a byte order mark; at least one byte.
  // trusted: whether a declared encoding is believed. Throws Fault or Decline.
  void read(const char* begin, const char* end, bool trusted);

  // After a Fault: what is said of the document, by what came first in it, and by whether it could have gone on.
  Fault verdict(const Fault& fault) const;

 private:
  // An element whose end tag is still to come.
  struct Open {
    const char* name;
    uint32_t size;
  };
  // What a name was read as: its end, and the size of its prefix.
  struct Name {
    const char* end;
    uint32_t prefix_size;
  };
  enum class Markup : uint8_t { none, start_tag, end_tag, comment, instruction, cdata, reference };

  void declaration(bool trusted);
  std::string_view declared_value(const char*& at, std::string_view name);
  void misc(bool before_root);
  void content();
  const char* text(const char* from);
  const char* text_reference(const char* from);
  void start_tag(const char* from);
  void begin_element(Tag& tag, bool empty);
  bool take_leaf(Tag& tag);
  bool expects_leaf() const { return shape_->follower != nullptr && shape_->follower->is_leaf(); }
  bool take_leaves(const char* from);
  bool expects_passed() const { return shape_->follower != nullptr && shape_->follower->is_passed; }
  bool take_passed(const char* from);
  void refuse_twins();
  void resolve_names(Tag& tag, uint32_t depth);
  [[noreturn]] void refuse_control(Tag& tag, const char* at);
  void end_tag(const char* from);
  void finish_element();
  const char* comment(const char* from);
  const char* instruction(const char* from);
  const char* cdata(const char* from);

  Name read_name(const char* from, const char* what);
  Name read_any_name(const char* from, const char* what, bool qualified);
  Shape& element_name(const char* from, Tag& tag);
  const char* other_attributes(const char* at, Tag& tag, Shape& shape);
  const char* attribute(const char* from, Shape& shape);
  const char* expected_attributes(const char* at, const Shape& shape, Tag& tag);
  const char* any_attribute(const char* from, Attribute& read);
  const char* read_value(const char* from, char quote, Attribute& read);
  const char* value_end(const char* from, char quote);
  const char* value(const char* at, char quote, Attribute& read);
  const char* check_reference(const char* from);
  const char* characters(const char* from, Fault::Kind kind = Fault::Kind::definite, bool waits = false);
  const char* inside(const char* from, char ending, bool& returns);
  void declare_namespaces(uint32_t depth);
  const char* read_declaration(const char* from, char quote, Attribute& read);
  void judge(const Attribute& attribute);
  uint32_t resolve(std::string_view prefix, const char* at);
  std::string_view line_ends(std::string_view text);

  bool ends_early(const Fault& fault) const;
  bool is_unfinished() const;
  bool is_tiny() const;
  bool starts_with_markup() const;
  bool ends_in_reference() const;
  [[noreturn]] void refuse(const char* at, std::string detail, Fault::Kind kind = Fault::Kind::open) const;
  [[noreturn]] void cut(const char* what) const;
  void note_namespace(const char* at, std::string detail);
  void begin_markup(Markup kind, const char* at) {
    markup_ = kind;
    markup_at_ = at;
  }

  const Limits& limits_;
  Arena& arena_;
  Namespaces& namespaces_;
  Matcher& matcher_;
  UniqueAttributes unique_;
  Shapes shapes_;
  Shape first_shape_;  // before the first element
  Shape* shape_ = &first_shape_;  // of the last element that began
  Window texts_;
  const ReadPlainAttributes read_plain_ = plain_attributes();
  const TakePlainLeaves take_plain_ = plain_leaves();

  const char* begin_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  const char* last_tag_ = nullptr;  // the end of the last start or end tag
  bool long_texts_ = false;         // whether a text can be beyond the limit at all
  const char* names_until_ = nullptr;  // from there on the document may end within what an expected name is compared with
  const char* plain_until_ = nullptr;  // of PlainAttributes and PlainLeaves
  const char* long_until_ = nullptr;
  Markup markup_ = Markup::none;
  const char* markup_at_ = nullptr;
  std::vector<Open> open_;
  Attributes attributes_;
  size_t expected_ = 0;  // of the element's shape
  bool unique_names_ = true;  // whether the shape says that no attribute has a twin
  bool declares_ = false;
  bool prefixed_ = false;
  std::optional<Fault> namespace_fault_;
  const char* namespace_markup_ = nullptr;  // where the markup begins in which it is
};

}  // namespace columnar
