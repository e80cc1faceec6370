// Elements that have nothing in them but text, or are empty and not read at all, one after the other: what most documents
// are made of.

#include "characters.h"
#include "matcher_leaves.h"
#include "scanner.h"

namespace columnar {

// Takes elements that are as expected, with nothing to be looked at closely; false: the one at `from` is not.
bool Scanner::take_leaves(const char* from) {
  if (long_texts_ || open_.size() >= limits_.depth || matcher_.reads_text()) return false;
  const Matcher::Leaves leaves(matcher_);
  if (!leaves.any()) return false;
  PlainLeaves plain{leaves, namespaces_, shape_, last_tag_, nullptr, plain_until_, long_until_};
  const char* const at = take_plain_(from, plain);
  if (plain.after == nullptr) return false;
  shape_ = plain.shape;
  at_ = at;
  last_tag_ = plain.after;
  begin_markup(Markup::none, plain.after);
  return true;
}

// The same with empty elements of which nothing is read: all that is asked about them is whether they are well formed.
bool Scanner::take_passed(const char* from) {
  if (long_texts_ || open_.size() >= limits_.depth || limits_.attributes < Shape::MOST) return false;
  if (matcher_.reads_text()) return false;
  const Matcher::Leaves leaves(matcher_);
  if (!leaves.any()) return false;
  const uint32_t default_uri = namespaces_.default_uri();
  Attribute* const unread = attributes_.room(Shape::MOST);
  const char* at = from;
  const char* after = nullptr;  // the last one that was taken
  Shape* shape = shape_;
  for (;;) {
    Shape* const expected = shape->follower;
    if (expected == nullptr || !expected->is_passed || !expected->is_at(at + 1, end_)) break;
    uint32_t uri = default_uri;
    if (expected->prefix_size() != 0) uri = namespaces_.find({at + 1, expected->prefix_size()});
    if (uri == NONE || !leaves.passes(expected->kind(), uri)) break;
    PlainAttributes attributes{expected->begin(), expected->end(), unread, plain_until_, long_until_};
    const char* const end = read_plain_(at + 1 + expected->size(), attributes);
    if (end_ - end < 3 || end[0] != '/' || end[1] != '>') break;
    shape = expected;
    after = end + 2;
    at = after_blanks(after, end_);
    if (*at != '<') break;
  }
  if (after == nullptr) return false;
  shape_ = shape;
  at_ = last_tag_ = after;
  begin_markup(Markup::none, after);
  return true;
}

}  // namespace columnar
