// Start tags: names, attributes, namespaces; and the XML declaration.

#include <utility>

#include "bytes.h"
#include "characters.h"
#include "references.h"
#include "scanner.h"

namespace columnar {

namespace {

constexpr size_t MOST_DECLARATIONS = 512;  // attributes before one: it is compared with each of them

bool is_declaration(const Attribute& attribute) {
  return attribute.name_size >= 5 && std::memcmp(attribute.name, "xmlns", 5) == 0 &&
         (attribute.name_size == 5 || attribute.name[5] == ':');
}

// Of the first `count` of fewer things than there are bits.
uint64_t bits_before(std::ptrdiff_t count) { return (uint64_t{1} << count) - 1; }

bool is_control(char byte) { return static_cast<uint8_t>(byte) < 0x20 && !is_blank(byte); }

}  // namespace

void Scanner::start_tag(const char* from) {
  begin_markup(Markup::start_tag, from);
  if (long_texts_ && static_cast<uint64_t>(from - last_tag_) > limits_.text_bytes) throw Decline{"limit"};
  Tag tag;
  Shape& shape = element_name(from + 1, tag);
  attributes_.clear();
  declares_ = false;
  prefixed_ = false;
  expected_ = 0;
  unique_names_ = true;
  const char* at = from + 1 + tag.name.size();
  at = expected_attributes(at, shape, tag);
  if (at == end_) cut("inside of a start tag");
  if (*at != '>' && *at != '/') {
    shape.name(attributes_, tag.pattern);
    tag.pattern = 0;
    at = other_attributes(at, tag, shape);
  }
  if (tag.pattern != 0) tag.unnamed = &shape;
  tag.end = at;
  const bool empty = *at == '/';
  if (empty) {
    if (at + 1 == end_) cut("inside of a start tag");
    if (*++at != '>') refuse(at, "a `/` in a start tag");
  }
  at_ = at + 1;
  last_tag_ = at_;
  begin_element(tag, empty);
  begin_markup(Markup::none, at_);
}

// An element's name; as a rule, the one that followed the last element's before.
Shape& Scanner::element_name(const char* from, Tag& tag) {
  Shape* expected = shape_->follower;
  if (expected != nullptr && !expected->is_at(from, end_)) {
    std::swap(shape_->follower, shape_->other_follower);
    expected = shape_->follower;
    if (expected != nullptr && !expected->is_at(from, end_)) expected = nullptr;
  }
  if (expected != nullptr) {
    tag.name = {from, expected->size()};
    tag.prefix_size = expected->prefix_size();
    tag.hash = expected->hash();
    tag.kind = expected->kind();
    shape_ = expected;
    return *expected;
  }
  const Name name = read_name(from, "an element's name");
  tag.name = {from, static_cast<size_t>(name.end - from)};
  tag.prefix_size = name.prefix_size;
  Shape& found = shapes_.of(tag.name, end_);
  if (!found.is_at(from, end_)) found.rename(tag, shapes_.new_kind());
  tag.hash = found.hash();
  tag.kind = found.kind();
  shape_->follower = &found;
  shape_ = &found;
  return found;
}

// Attributes that are not just as expected, and those behind them, up to the tag's `>` or `/`.
const char* Scanner::other_attributes(const char* at, Tag& tag, Shape& shape) {
  for (;;) {
    if (at == end_) cut("inside of a start tag");
    if (*at == '>' || *at == '/') return at;
    if (is_control(*at) && at == tag.name.data() + tag.name.size()) refuse_control(tag, at);
    if (!is_blank(*at)) refuse(at, "no blank before an attribute");
    do {
      if (++at == end_) cut("inside of a start tag");
    } while (is_blank(*at));
    if (*at == '>' || *at == '/') return at;
    if (is_control(*at)) refuse_control(tag, at);
    at = attribute(at, shape);
  }
}

void Scanner::begin_element(Tag& tag, bool empty) {
  if (attributes_.size() > limits_.attributes) throw Decline{"limit"};
  tag.depth = static_cast<uint32_t>(open_.size()) + 1;
  if (tag.depth > limits_.depth) throw Decline{"limit"};
  tag.values = &attributes_;
  shape_->is_passed = false;
  if (declares_ || prefixed_ || !unique_names_ || tag.prefix_size != 0) {
    resolve_names(tag, tag.depth);
  } else {
    tag.uri = namespaces_.default_uri();
  }
  if (!empty && take_leaf(tag)) return;
  if (matcher_.reads_markup()) matcher_.markup_start(tag);
  const bool followed = matcher_.follows() && matcher_.start(tag, empty);
  if (empty && !followed && !matcher_.reads_markup()) {
    shape_->is_passed = true;
    namespaces_.leave(tag.depth);
    return;
  }
  if (!followed) matcher_.pass();
  open_.push_back({tag.name.data(), static_cast<uint32_t>(tag.name.size())});
  if (empty) finish_element();
}

// Namespaces, in the order in which the reference looks: the first error is the reason.
void Scanner::resolve_names(Tag& tag, uint32_t depth) {
  if (declares_) declare_namespaces(depth);
  if (prefixed_) {
    for (Attribute& attribute : attributes_)
      if (attribute.prefix_size != 0) attribute.uri = resolve(attribute.prefix(), attribute.name);
  }
  if (!unique_names_) refuse_twins();
  tag.uri = tag.prefix_size == 0 ? namespaces_.default_uri()
                                 : resolve(tag.name.substr(0, tag.prefix_size), tag.name.data());
}

// A control character ends a start tag for the reference, which then looks at the names before it says so.
void Scanner::refuse_control(Tag& tag, const char* at) {
  resolve_names(tag, static_cast<uint32_t>(open_.size()) + 1);
  refuse(at, "a control character in a start tag");
}

void Scanner::refuse_twins() {
  const UniqueAttributes::Pair twins = unique_.find_twins(attributes_);
  if (twins.first == nullptr) return;
  const std::string name(twins.second->name, twins.second->name_size);
  if (twins.first->prefix() == twins.second->prefix())
    refuse(twins.second->name, "the attribute " + name + " twice");
  note_namespace(twins.second->name, "the attribute " + name + " twice, by its namespace");
}

// Whether the element has nothing in it but simple text, and all was done that there is to do about it.
bool Scanner::take_leaf(Tag& tag) {
  if (at_ == end_ || *at_ == '\n' || *at_ == '\r') return false;  // as a rule, other elements follow
  const char* const stop = texts_.next(at_);
  const size_t size = tag.name.size();
  if (static_cast<size_t>(end_ - stop) < size + 3 || stop[0] != '<' || stop[1] != '/' || stop[size + 2] != '>' ||
      long_texts_)
    return false;
  if (!shape_->is_at(stop + 2, end_) && !same_bytes(stop + 2, tag.name.data(), size)) return false;
  if (!matcher_.take_leaf(tag, {at_, static_cast<size_t>(stop - at_)})) return false;
  if (attributes_.empty()) shape_->become_leaf(tag.name);
  namespaces_.leave(tag.depth);
  at_ = last_tag_ = stop + size + 3;
  return true;
}

// A name with at most one colon; where more is wrong than this, read_any_name says it.
Scanner::Name Scanner::read_name(const char* from, const char* what) {
  const char* at = skip_to(from, end_, NameStop{});
  uint32_t prefix_size = 0;
  if (at < end_ && *at == ':' && name_byte(*from) == starts_name) {
    prefix_size = static_cast<uint32_t>(at - from);
    const char* const local = at + 1;
    at = skip_to(local, end_, NameStop{});
    if (at == local || name_byte(*local) != starts_name) return read_any_name(from, what, true);
  }
  if (at == end_) cut("inside of a name");
  if (name_byte(*from) != starts_name || *at == ':' || name_byte(*at) == beyond_ascii) return read_any_name(from, what, true);
  if (static_cast<size_t>(at - from) > limits_.name_bytes) throw Decline{"limit"};
  return {at, prefix_size};
}

// Any name of XML 1.0. qualified: those that namespaces do not allow are noted.
Scanner::Name Scanner::read_any_name(const char* from, const char* what, bool qualified) {
  const char* at = from;
  const char* colon = nullptr;
  int colons = 0;
  bool local_starts_well = true;
  while (at < end_) {
    const bool first = at == from;
    const bool first_of_local = colons > 0 && at == colon + 1;
    if (*at == ':') {
      if (first_of_local || first) local_starts_well = false;
      if (++colons == 1) colon = at;
      ++at;
      continue;
    }
    int size = 1;
    bool starts = name_byte(*at) == starts_name, stands = starts || name_byte(*at) == inside_name;
    if (name_byte(*at) == beyond_ascii) {
      const Character character = read_character(at, end_);
      if (character.cut || at + 1 == end_) {
        throw Fault{Reason::truncated, at, "the document ends inside of a character"};
      }
      if (character.size == 0) throw Fault{Reason::encoding, at, "no UTF-8"};
      size = character.size;
      starts = starts_a_name(character.code);
      stands = stands_in_a_name(character.code);
    }
    if (first ? !starts : !stands) break;
    if (first_of_local && !starts) local_starts_well = false;
    at += size;
  }
  if (at == end_) cut("inside of a name");
  if (at == from) refuse(at, std::string("not ") + what);
  if (static_cast<size_t>(at - from) > limits_.name_bytes) throw Decline{"limit"};
  if (!qualified || colons == 0) return {at, 0};
  if (colons > 1 || !local_starts_well || colon + 1 == at) {
    note_namespace(from, std::string(from, at) + " is not a name with a prefix");
    return {at, 0};
  }
  prefixed_ = true;
  return {at, static_cast<uint32_t>(colon - from)};
}

// Attributes with one space before each, written as the last ones of such an element were; where they end. Their names
// are left for later: most are never asked for.
const char* Scanner::expected_attributes(const char* at, const Shape& shape, Tag& tag) {
  if (at >= names_until_ || *at != ' ') return at;
  const Shape::Known* const first = shape.begin();
  Attribute* const attributes = attributes_.room(Shape::MOST);
  PlainAttributes plain{first, shape.end(), attributes, plain_until_, long_until_};
  uint64_t missing = 0;  // of those before the next, as bits
  for (;;) {
    at = read_plain_(at, plain);
    if (at >= names_until_ || *at != ' ') break;
    const Shape::Known* const found = shape.match(at + 1, plain.next);
    if (found == nullptr) break;
    if (found != plain.next) {
      missing |= bits_before(found - first) & ~bits_before(plain.next - first);
      plain.next = found;
      continue;
    }
    at = read_value(at + 1 + found->name.size(), '"', *plain.read++);
    ++plain.next;
  }
  attributes_.resize(static_cast<size_t>(plain.read - attributes));
  expected_ = static_cast<size_t>(plain.next - first);
  tag.pattern = bits_before(plain.next - first) & ~missing;
  return at;
}

const char* Scanner::attribute(const char* from, Shape& shape) {
  Attribute& read = attributes_.add();
  read = {};
  read.name = from;
  if (end_ - from >= static_cast<std::ptrdiff_t>(Expected::MOST)) {
    if (const Shape::Known* const known = shape.match(from, shape.begin() + expected_)) {
      expected_ = static_cast<size_t>(known - shape.begin()) + 1;
      read.name_size = known->name_size();
      read.hash = known->hash;
      return read_value(from + known->name.size(), '"', read);
    }
  }
  const char* const at = any_attribute(from, read);
  if (is_declaration(read)) return at;  // never expected: it has to be judged wherever it stands
  if (!shape.take(read, shapes_.new_kind(), expected_)) unique_names_ = false;
  return at;
}

const char* Scanner::any_attribute(const char* from, Attribute& read) {
  const Name name = read_name(from, "an attribute's name");
  const char* at = name.end;
  if (*at != '=') {
    while (is_blank(*at))
      if (++at == end_) cut("inside of a start tag");
    if (*at != '=') refuse(at, "an attribute without `=`");
  }
  if (++at == end_) cut("inside of a start tag");
  while (is_blank(*at))
    if (++at == end_) cut("inside of a start tag");
  const char quote = *at;
  if (quote != '"' && quote != '\'') refuse(at, "an attribute's value without quotes");
  read.name_size = static_cast<uint32_t>(name.end - from);
  read.prefix_size = name.prefix_size;
  prefixed_ |= name.prefix_size != 0;
  if (is_declaration(read)) return read_declaration(at + 1, quote, read);
  return read_value(at + 1, quote, read);
}

const char* Scanner::read_declaration(const char* from, char quote, Attribute& read) {
  declares_ = true;
  if (attributes_.size() > MOST_DECLARATIONS) throw Decline{"limit"};
  const char* const after = read_value(from, quote, read);
  judge(read);
  if (std::string_view(read.name, read.name_size) == "xmlns:xml") return after;  // declares nothing
  for (const Attribute& other : attributes_)
    if (&other != &read && other.name_size == read.name_size && same_bytes(other.name, read.name, read.name_size))
      refuse(read.name, "a prefix declared twice");
  return after;
}

const char* Scanner::read_value(const char* from, char quote, Attribute& read) {
  read.value = from;
  return value(value_end(from, quote), quote, read);
}

const char* Scanner::value_end(const char* from, char quote) { return skip_to(from, end_, ValueStop{quote}); }

// The rest of a value, from where a closer look is needed; what is behind its quote.
const char* Scanner::value(const char* at, char quote, Attribute& read) {
  uint32_t raw = 0;
  for (;; at = value_end(at, quote)) {
    if (at == end_) cut("inside of a value");
    if (*at == quote) break;
    if (*at == '<') refuse(at, "`<` in an attribute's value");
    if (*at == '&') {
      raw = Attribute::RAW;
      at = check_reference(at);
    } else if (is_blank(*at)) {
      raw = Attribute::RAW;
      ++at;
    } else {
      at = characters(at);
    }
  }
  const auto size = static_cast<uint32_t>(at - read.value);
  if (long_texts_ && size > limits_.text_bytes) throw Decline{"limit"};
  read.value_size = size | raw;
  return at + 1;
}

// The namespace declarations among the attributes; they are taken out.
void Scanner::declare_namespaces(uint32_t depth) {
  std::vector<Attribute> declarations;
  size_t kept = 0;
  for (const Attribute& attribute : attributes_) {
    if (is_declaration(attribute)) {
      declarations.push_back(attribute);
    } else {
      attributes_[kept++] = attribute;
    }
  }
  attributes_.resize(kept);
  for (const Attribute& declaration : declarations) {
    const std::string_view prefix = declaration.name_size == 5 ? std::string_view() : declaration.local();
    if (prefix == "xml") continue;
    std::string_view text = declaration.raw();
    if (declaration.is_raw()) text = normalise_value(text, arena_);
    namespaces_.declare(prefix, text, depth);
  }
}

// Notes what is wrong with a namespace declaration.
void Scanner::judge(const Attribute& attribute) {
  std::string_view text = attribute.raw();
  if (attribute.is_raw()) text = normalise_value(text, arena_);
  const std::string_view prefix = attribute.name_size == 5 ? std::string_view() : attribute.local();
  const char* const at = attribute.name;
  if (attribute.name_size == 6) return note_namespace(at, "xmlns: without a prefix");
  if (prefix == "xmlns") return note_namespace(at, "the prefix xmlns is declared");
  if (prefix == "xml") {
    if (text != XML_NAMESPACE) note_namespace(at, "the prefix xml is declared otherwise");
    return;
  }
  if (text == XML_NAMESPACE) return note_namespace(at, "the namespace of xml has another prefix");
  if (text == XMLNS_NAMESPACE) return note_namespace(at, "the namespace of xmlns is declared");
  if (text.empty() && !prefix.empty()) return note_namespace(at, "a prefix for no namespace");
  if (!text.empty() && !is_plain_uri(text)) throw Decline{"namespace_uri"};
}

uint32_t Scanner::resolve(std::string_view prefix, const char* at) {
  const uint32_t uri = namespaces_.find(prefix);
  if (uri != NONE) return uri;
  note_namespace(at, "the prefix " + std::string(prefix) + " is not declared");
  return NO_URI;
}

// <?xml version="1.0" encoding="…" standalone="…"?>. Any other than the plain ones is left to the reference.
void Scanner::declaration(bool trusted) {
  const char* at = at_ + 5;
  const std::string_view version = declared_value(at, "version");
  if (version.data() == nullptr) throw Decline{"declaration"};
  if (version != "1.0") throw Decline{"xml_version"};
  const std::string_view encoding = declared_value(at, "encoding");
  const std::string_view standalone = declared_value(at, "standalone");
  if (standalone.data() != nullptr && standalone != "yes" && standalone != "no") throw Decline{"declaration"};
  while (at < end_ && is_blank(*at)) ++at;
  if (end_ - at < 2 || at[0] != '?' || at[1] != '>') throw Decline{"declaration"};
  if (encoding.data() != nullptr) {
    if (encoding.empty() || (encoding[0] | 0x20) < 'a' || (encoding[0] | 0x20) > 'z') throw Decline{"declaration"};
    std::string lower(encoding);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (trusted && lower != "utf-8" && lower != "utf8") throw Decline{"encoding"};
  }
  at_ = at + 2;
}

// ` name="value"`, with a blank before it; no data where it does not follow.
std::string_view Scanner::declared_value(const char*& from, std::string_view name) {
  const char* at = from;
  while (at < end_ && is_blank(*at)) ++at;
  const auto left = [&] { return std::string_view(at, static_cast<size_t>(end_ - at)); };
  if (at == from || !left().starts_with(name)) return {};
  at += name.size();
  while (at < end_ && is_blank(*at)) ++at;
  if (at == end_ || *at != '=') return {};
  ++at;
  while (at < end_ && is_blank(*at)) ++at;
  if (at == end_ || (*at != '"' && *at != '\'')) return {};
  const char quote = *at++;
  const char* const value = at;
  while (at < end_ && ((name_byte(*at) & inside_name) != 0)) ++at;
  if (at == end_ || *at != quote) return {};
  from = at + 1;
  return {value, static_cast<size_t>(at - value)};
}

}  // namespace columnar
