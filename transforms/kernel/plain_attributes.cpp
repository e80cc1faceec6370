#include "plain_attributes.h"

#include "odd_bytes.h"

namespace columnar {

namespace {

template <typename Lanes>
COLUMNAR_FOR_LANES const char* read(const char* at, PlainAttributes& attributes) {
  const Shape::Known* next = attributes.next;
  const Shape::Known* const last = attributes.last;
  Attribute* read = attributes.read;
  const char* const until = attributes.until;
  while (at < until && *at == ' ' && next != last && Lanes::stands(next->name, at + 1)) {
    const char* const from = at + 1 + next->name.size();
    const char* to = from;
    bool raw = false;
    auto stops = Lanes::value_stops(from);
    for (;;) {
      if (stops != 0) [[likely]] {
        to += Lanes::first(stops);
        if (*to == '"') [[likely]] break;
        to = behind_odd<Lanes::odd_in_value, Lanes::SIZE>(to, attributes.long_until, raw);
        if (to == nullptr || *to != '"') goto end;
        break;
      }
      to += Lanes::SIZE;
      if (to >= attributes.long_until) goto end;
      stops = Lanes::value_stops(to);
    }
    read->value = from;
    read->value_size = static_cast<uint32_t>(to - from) | (raw ? Attribute::RAW : 0);
    ++read;
    ++next;
    at = to + 1;
  }
end:
  attributes.next = next;
  attributes.read = read;
  return at;
}

const char* read_narrow(const char* at, PlainAttributes& attributes) { return read<Lanes16>(at, attributes); }

#if defined(COLUMNAR_AVX2)

[[gnu::target("avx2,bmi")]] const char* read_wide(const char* at, PlainAttributes& attributes) {
  return read<Lanes32>(at, attributes);
}

#endif

}  // namespace

ReadPlainAttributes plain_attributes() {
#if defined(COLUMNAR_AVX2)
  if (has_avx2()) return read_wide;
#endif
  return read_narrow;
}

}  // namespace columnar
