#include "scanner.h"

#include <algorithm>

#include "bytes.h"
#include "characters.h"
#include "references.h"

namespace columnar {

void Scanner::read(const char* begin, const char* end, bool trusted) {
  begin_ = at_ = last_tag_ = begin;
  end_ = end;
  texts_.begin(end);
  long_texts_ = static_cast<uint64_t>(end - begin) > limits_.text_bytes;
  const auto up_to = [&](size_t left) { return end - std::min(static_cast<size_t>(end - begin), left); };
  names_until_ = up_to(Expected::MOST);
  plain_until_ = limits_.text_bytes < PlainAttributes::SHORT ? begin : up_to(PlainAttributes::BEHIND);
  long_until_ = long_texts_ ? begin : up_to(PlainAttributes::READ);
  open_.clear();
  namespace_fault_.reset();
  begin_markup(Markup::none, begin);
  namespaces_.clear();
  if (end - begin >= 6 && std::memcmp(begin, "<?xml", 5) == 0 && is_blank(begin[5])) declaration(trusted);
  misc(true);
  start_tag(at_);
  if (!open_.empty()) content();
  misc(false);
  if (namespace_fault_) throw *namespace_fault_;
}

// What stands before and after the root element: blanks, comments, processing instructions.
void Scanner::misc(bool before_root) {
  for (;;) {
    while (at_ < end_ && is_blank(*at_)) ++at_;
    begin_markup(Markup::none, at_);
    if (at_ == end_) {
      if (before_root) cut("before the root element");
      return;
    }
    if (*at_ != '<') {
      // between the markup before the root element the reference waits for one byte more
      const bool one_byte = end_ - at_ == 1 || (end_ - at_ == 2 && at_[1] == '\r');  // a last one of these is held back
      if (before_root && one_byte && starts_with_markup()) cut("before the root element");
      refuse(at_, "text outside of the root element", Fault::Kind::definite);
    }
    if (at_ + 1 == end_) cut("inside of markup");
    if (at_[1] == '?') {
      at_ = instruction(at_);
    } else if (at_[1] == '!') {
      if (end_ - at_ >= 4 && at_[2] == '-' && at_[3] == '-') {
        at_ = comment(at_);
      } else {
        if (before_root && end_ - at_ >= 9 && std::memcmp(at_, "<!DOCTYPE", 9) == 0) throw Decline{"doctype"};
        begin_markup(Markup::start_tag, at_);
        std::string_view there(at_, static_cast<size_t>(end_ - at_));
        if (there.back() == '\r') there.remove_suffix(1);  // which the reference holds back
        if (std::string_view("<!--").starts_with(there)) cut("inside of markup");
        if (before_root && there.size() < 9 && there[2] != '-') cut("inside of markup");  // it may yet be a DOCTYPE
        refuse(at_, "neither a comment nor an element", before_root ? Fault::Kind::open : Fault::Kind::definite);
      }
    } else if (before_root) {
      return;
    } else {
      refuse(at_, "something behind the root element");
    }
  }
}

void Scanner::content() {
  const char* at = at_;
  while (!open_.empty()) {
    if (at == end_) cut("before the root element ends");
    if (*at != '<') {
      const char* const markup = after_blanks(at, end_);
      at = *markup == '<' && !matcher_.reads_text() ? markup : text(at);
    }
    if (end_ - at < 2) cut("inside of markup");
    if (at[1] == '/') {
      end_tag(at);
    } else if (at[1] == '!') {
      at_ = end_ - at >= 3 && at[2] == '[' ? cdata(at) : comment(at);
    } else if (at[1] == '?') {
      at_ = instruction(at);
    } else if (!(expects_leaf() && take_leaves(at)) && !(expects_passed() && take_passed(at))) {
      start_tag(at);
    }
    at = at_;
  }
}

// Text up to the next markup.
const char* Scanner::text(const char* from) {
  const bool wanted = matcher_.reads_text();
  const char* piece = from;
  const auto hand_on = [&](const char* to) {
    if (wanted && to != piece) matcher_.text({piece, static_cast<size_t>(to - piece)});
  };
  const char* at = after_blanks(from, end_);
  for (;;) {
    if (at == end_ || *at != '<') at = texts_.next(at);
    if (at == end_) {
      begin_markup(Markup::none, at);
      cut("before the root element ends");
    }
    if (*at == '<') {
      hand_on(at);
      return at;
    }
    if (*at == ']') {
      if (end_ - at >= 3 && at[1] == ']' && at[2] == '>') refuse(at, "`]]>` in text", Fault::Kind::definite);
      ++at;
    } else if (*at == '&') {
      hand_on(at);
      piece = at = text_reference(at);
    } else if (*at == '\r') {
      hand_on(at);
      if (wanted) matcher_.text("\n");
      at += at + 1 < end_ && at[1] == '\n' ? 2 : 1;
      piece = at;
    } else {
      at = characters(at);
    }
  }
}

const char* Scanner::text_reference(const char* from) {
  begin_markup(Markup::reference, from);
  const char* after = check_reference(from);
  begin_markup(Markup::none, after);
  if (matcher_.reads_text()) {
    const char* at = from;
    matcher_.text(resolve_reference(at, arena_));
  }
  return after;
}

void Scanner::end_tag(const char* from) {
  const Open& open = open_.back();
  const char* at = from + 2;
  if (long_texts_ && static_cast<uint64_t>(from - last_tag_) > limits_.text_bytes) throw Decline{"limit"};
  const auto left = static_cast<size_t>(end_ - at);
  if (left > open.size && same_bytes(at, open.name, open.size)) {
    at += open.size;
    if (*at == '>') {
      at_ = at + 1;
      finish_element();
      return;
    }
  }
  begin_markup(Markup::end_tag, from);
  if (at == from + 2 || !is_blank(*at)) {
    read_any_name(from + 2, "an end tag's name", std::memchr(open.name, ':', open.size) != nullptr);  // what is wrong with the bytes is said first
    refuse(from, "the end tag does not fit the start tag " + std::string(open.name, open.size));
  }
  while (at < end_ && is_blank(*at)) ++at;
  if (at == end_) cut("inside of an end tag");
  if (*at != '>') refuse(at, "something in an end tag");
  at_ = at + 1;
  finish_element();
}

void Scanner::finish_element() {
  const std::string_view name(open_.back().name, open_.back().size);
  matcher_.end(name);
  if (matcher_.reads_markup()) matcher_.markup_end(name);
  namespaces_.leave(static_cast<uint32_t>(open_.size()));
  open_.pop_back();
  last_tag_ = at_;
}

// Whether the reference reads a comment up to here in its quick way.
static bool is_simple_comment(const char* from, const char* to) {
  for (; from < to; ++from)
    if (static_cast<uint8_t>(*from) >= 0x80 || (*from == '\r' && from[1] != '\n')) return false;
  return true;
}

const char* Scanner::comment(const char* from) {
  const std::string_view there(from, static_cast<size_t>(end_ - from));
  if (!there.starts_with("<!--")) {
    begin_markup(Markup::start_tag, from);
    refuse(from, "neither a comment nor a CDATA section nor an element");
  }
  begin_markup(Markup::comment, from);
  const char* at = from + 4;
  bool returns = false;
  for (;;) {
    at = inside(at, '-', returns);
    if (end_ - at < 2) cut("inside of a comment");
    if (at[1] != '-') {
      ++at;
      continue;
    }
    if (end_ - at < 3) cut("inside of a comment");
    if (at[2] != '>') {
      if (!is_simple_comment(from + 4, at)) characters(at + 2);  // the reference reads one character more
      refuse(at, "`--` in a comment");
    }
    if (matcher_.reads_markup()) {
      const std::string_view text(from + 4, static_cast<size_t>(at - from - 4));
      matcher_.markup_comment(returns ? line_ends(text) : text);
    }
    return at + 3;
  }
}

const char* Scanner::cdata(const char* from) {
  constexpr std::string_view OPENING = "<![CDATA[";
  const std::string_view there(from, static_cast<size_t>(end_ - from));
  if (!there.starts_with(OPENING)) {
    begin_markup(Markup::start_tag, from);
    if (there.size() < OPENING.size()) cut("inside of markup");
    refuse(from, "neither a CDATA section nor an element");
  }
  begin_markup(Markup::cdata, from);
  const char* at = from + OPENING.size();
  bool returns = false;
  for (;;) {
    at = inside(at, ']', returns);
    if (end_ - at < 2) cut("inside of a CDATA section");
    if (at[1] != ']' || (end_ - at > 2 && at[2] != '>')) {
      ++at;
      continue;
    }
    if (end_ - at < 3) cut("inside of a CDATA section");
    if (matcher_.reads_markup()) matcher_.markup_section();
    if (matcher_.reads_text()) {
      const char* begin = from + OPENING.size();
      const std::string_view text(begin, static_cast<size_t>(at - begin));
      matcher_.text(returns ? line_ends(text) : text);
    }
    return at + 3;
  }
}

const char* Scanner::instruction(const char* from) {
  begin_markup(Markup::instruction, from);
  const Name target = read_any_name(from + 2, "a processing instruction's name", false);
  const std::string_view name(from + 2, static_cast<size_t>(target.end - from - 2));
  if (name.size() > limits_.name_bytes) throw Decline{"limit"};
  if (name.size() == 3 && (name[0] | 0x20) == 'x' && (name[1] | 0x20) == 'm' && (name[2] | 0x20) == 'l')
    refuse(from, "an XML declaration that is not at the beginning");
  if (name.find(':') != name.npos) note_namespace(from, "a colon in the name of a processing instruction");
  const char* at = target.end;
  if (end_ - at < 2) cut("inside of a processing instruction");
  const bool has_data = is_blank(*at);
  if (!has_data && !(at[0] == '?' && at[1] == '>')) refuse(at, "no blank behind a processing instruction's name");
  while (at < end_ && is_blank(*at)) ++at;
  const char* const data = at;
  bool returns = false;
  for (;;) {
    at = inside(at, '?', returns);
    if (end_ - at < 2) cut("inside of a processing instruction");
    if (at[1] != '>') {
      ++at;
      continue;
    }
    if (matcher_.reads_markup()) {
      const std::string_view text(data, static_cast<size_t>(at - data));
      matcher_.markup_instruction(name, has_data, returns ? line_ends(text) : text);
    }
    return at + 2;
  }
}

// Characters of a comment and its like, up to `ending` or the end. returns: whether there is a carriage return.
const char* Scanner::inside(const char* from, char ending, bool& returns) {
  const InsideStop stop{ending};
  // what is wrong in a comment is wrong; the others are only found not to end
  const Fault::Kind kind = ending == '-' ? Fault::Kind::definite : Fault::Kind::open;
  for (;;) {
    from = skip_to(from, end_, stop);
    if (from == end_ || *from == ending) return from;
    if (*from == '\r') {
      returns = true;
      ++from;
    } else {
      from = characters(from, kind, true);
    }
  }
}

// Line ends as XML 1.0 2.11 normalises them.
std::string_view Scanner::line_ends(std::string_view text) {
  char* const begin = arena_.allocate(text.size());
  char* to = begin;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      *to++ = text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      *to++ = '\n';
    }
  }
  return {begin, static_cast<size_t>(to - begin)};
}

// A run of characters beyond ASCII, or a control character, which no document may contain. waits: whether the reference
// takes bytes that it does not understand at the very end for the beginning of something.
const char* Scanner::characters(const char* from, Fault::Kind kind, bool waits) {
  while (from < end_ && static_cast<uint8_t>(*from) >= 0x80) {
    const int simple = simple_character(from, end_);
    if (simple != 0) {
      from += simple;
      continue;
    }
    const Character character = read_character(from, end_);
    if (waits ? character.cut || from + 1 == end_ : character.cut && character.may_go_on) throw Fault{Reason::truncated, from, "the document ends inside of a character"};
    if (character.size == 0) throw Fault{Reason::encoding, from, "no UTF-8"};
    if (!is_allowed(character.code)) refuse(from, "a character that XML does not allow", kind);
    from += character.size;
  }
  if (from < end_ && static_cast<uint8_t>(*from) < 0x20 && !is_blank(*from))
    refuse(from, "a control character", kind);
  return from;
}

// A reference, from its `&`; where it ends.
const char* Scanner::check_reference(const char* from) {
  const char* at = from + 1;
  const auto follows = [this, at](const char* name, size_t size) {
    return static_cast<size_t>(end_ - at) >= size && std::memcmp(at, name, size) == 0;
  };
  if (follows("amp;", 4)) return from + 5;
  if (follows("lt;", 3) || follows("gt;", 3)) return from + 4;
  if (follows("quot;", 5) || follows("apos;", 5)) return from + 6;
  if (at == end_) cut("inside of a reference");
  if (*at != '#') {
    bool starts = name_byte(*at) == starts_name || *at == ':';
    if (name_byte(*at) == beyond_ascii) {
      const Character character = read_character(at, end_);
      starts = character.size == 0 || starts_a_name(character.code);
    }
    if (!starts) refuse(from, "not an entity's name", Fault::Kind::entity);
    const Name name = read_any_name(at, "an entity's name", false);
    if (name.end == end_) cut("inside of a reference");
    if (*name.end != ';') refuse(from, "a reference without `;`", Fault::Kind::entity);
    refuse(from, "an entity that is not declared: " + std::string(at, name.end), Fault::Kind::definite);
  }
  ++at;
  const bool hexadecimal = at < end_ && *at == 'x';
  if (hexadecimal) ++at;
  const char* const digits = at;
  uint32_t code = 0;
  for (; at < end_; ++at) {
    const char c = *at;
    uint32_t digit;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (hexadecimal && (c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      break;
    }
    code = code * (hexadecimal ? 16 : 10) + digit;
    if (code > 0x10FFFF) code = 0x110000;  // and stays there: no room to wrap around
  }
  if (at == end_) cut("inside of a reference");
  if (*at != ';') refuse(from, "no character reference");
  if (at == digits) refuse(from, "no character reference", Fault::Kind::definite);
  if (!is_allowed(code)) refuse(from, "a reference to a character that XML does not allow", Fault::Kind::definite);
  return at + 1;
}

Fault Scanner::verdict(const Fault& fault) const {
  if (namespace_fault_) {
    const bool cut = is_tiny() || (namespace_markup_ == markup_at_ && is_unfinished());
    return cut ? Fault{Reason::truncated, fault.at, "the document ends too early: " + fault.detail} : *namespace_fault_;
  }
  if (fault.reason != Reason::not_well_formed || !ends_early(fault)) return fault;
  return {Reason::truncated, fault.at, "the document ends too early: " + fault.detail};
}

bool Scanner::ends_early(const Fault& fault) const {
  if (fault.kind == Fault::Kind::definite) return false;
  if (fault.kind == Fault::Kind::entity && !ends_in_reference()) return false;
  return (is_tiny() && starts_with_markup()) || is_unfinished();
}

// Whether the document has no more bytes than the reference waits for before it begins to look.
bool Scanner::is_tiny() const { return end_ - begin_ <= 4; }

bool Scanner::starts_with_markup() const {
  const char* at = begin_;
  while (at < end_ && is_blank(*at)) ++at;
  return at < end_ && *at == '<';
}

// Whether the piece of markup does not end, for which the reference, which looks for its end first, would wait.
bool Scanner::is_unfinished() const {
  const auto lacks = [this](size_t skipped, std::string_view ending) {
    const std::string_view there(markup_at_, static_cast<size_t>(end_ - markup_at_));
    return there.find(ending, skipped) == std::string_view::npos;
  };
  switch (markup_) {
    case Markup::end_tag: return lacks(0, ">");
    case Markup::comment: return lacks(4, "-->");
    case Markup::instruction: return lacks(2, "?>");
    case Markup::cdata: return lacks(9, "]]>");
    case Markup::reference: return lacks(0, ";");
    case Markup::start_tag: {
      char quote = 0;
      for (const char* at = markup_at_; at < end_; ++at) {
        if (quote != 0) {
          if (*at == quote) quote = 0;
        } else if (*at == '"' || *at == '\'') {
          quote = *at;
        } else if (*at == '>') {
          return false;
        }
      }
      return true;
    }
    default: return false;
  }
}

// Whether the document ends behind an `&`, with nothing after it that ends a name.
bool Scanner::ends_in_reference() const {
  constexpr std::string_view ENDS = " \t\r\n\f\v;<>\"'";
  for (const char* at = end_; at > begin_;) {
    if (*--at == '&') return true;
    if (ENDS.find(*at) != ENDS.npos) return false;
  }
  return false;
}

void Scanner::refuse(const char* at, std::string detail, Fault::Kind kind) const {
  throw Fault{Reason::not_well_formed, at, std::move(detail), kind};
}

void Scanner::cut(const char* what) const {
  throw Fault{Reason::truncated, end_, std::string("the document ends too early: ") + what};
}

// A namespace error does not end the reading: what follows may be worse.
void Scanner::note_namespace(const char* at, std::string detail) {
  if (namespace_fault_) return;
  namespace_fault_ = Fault{Reason::namespaces, at, std::move(detail)};
  namespace_markup_ = markup_at_;
}

}  // namespace columnar
