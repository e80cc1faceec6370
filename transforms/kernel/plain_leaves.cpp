#include "plain_leaves.h"

#include "odd_bytes.h"
#include "plain_attributes.h"

namespace columnar {

namespace {

static_assert(PlainAttributes::BEHIND >= 2 * Expected::MOST, "they begin before the same byte");

// Where a text ends, at `<`; nullptr: it needs a closer look. raw: whether it has references.
template <typename Lanes>
COLUMNAR_FOR_LANES const char* text_end(const char* from, const char* until, bool& raw) {
  for (;;) {
    const auto stops = Lanes::text_stops(from);
    if (stops != 0) [[likely]] {
      from += Lanes::first(stops);
      if (*from == '<') [[likely]] return from;
      if (*from != '\n' && *from != '\t') {
        const char* const end = behind_odd<Lanes::odd_in_text, Lanes::SIZE>(from, until, raw);
        return end != nullptr && *end == '<' ? end : nullptr;
      }
      ++from;
    } else {
      from += Lanes::SIZE;
    }
    if (from >= until) return nullptr;
  }
}

// What stands between two tags: mostly the same blanks again and again.
struct Gap {
  const char* bytes;
  size_t size;
  const char* ignored;

  // Of at most Expected::MOST bytes; else it is none.
  Gap(const char* from, const char* to) : bytes(from), size(static_cast<size_t>(to - from)) {
    if (size > Expected::MOST) size = 0;
    ignored = Expected::ignored_behind(size);
  }
};

template <typename Lanes>
COLUMNAR_FOR_LANES const char* take(const char* at, PlainLeaves& plain) {
  const char* const until = plain.until;
  const char* const long_until = plain.long_until;
  const char* const document_end = long_until + Expected::MOST;  // where any are taken
  const Matcher::Leaves leaves = plain.leaves;
  const uint32_t default_uri = plain.namespaces.default_uri();
  Shape* shape = plain.shape;
  const char* after = nullptr;
  Gap gap(plain.last_tag, at);  // whatever stood there may stand there again: nothing is read of it
  for (;;) {
    Shape* const expected = shape->follower;
    if (expected == nullptr || !expected->is_leaf() || at >= until || !Lanes::stands(expected->opening(), at)) break;
    const char* const text = at + expected->opening().size();
    bool raw = false;
    const char* const end = text_end<Lanes>(text, long_until, raw);
    if (end == nullptr || end >= long_until || !Lanes::stands(expected->closing(), end)) break;
    uint32_t uri = default_uri;
    if (expected->prefix_size() != 0) {
      uri = plain.namespaces.find({at + 1, expected->prefix_size()});
      if (uri == NONE) break;
    }
    if (!leaves.take(*expected, uri, {text, static_cast<size_t>(end - text)}, raw)) break;
    shape = expected;
    at = after = end + expected->closing().size();
    if (after >= long_until) break;
    if (Lanes::stands(gap.bytes, gap.ignored, after) && after[gap.size] == '<') [[likely]] {
      at = after + gap.size;
    } else {
      at = after_blanks(after, document_end);
      if (*at != '<') break;
      gap = Gap(after, at);
    }
  }
  plain.shape = shape;
  plain.after = after;
  return at;
}

const char* take_narrow(const char* at, PlainLeaves& plain) { return take<Lanes16>(at, plain); }

#if defined(COLUMNAR_AVX2)
[[gnu::target("avx2,bmi")]] const char* take_wide(const char* at, PlainLeaves& plain) { return take<Lanes32>(at, plain); }
#endif

}  // namespace

TakePlainLeaves plain_leaves() {
#if defined(COLUMNAR_AVX2)
  if (has_avx2()) return take_wide;
#endif
  return take_narrow;
}

}  // namespace columnar
