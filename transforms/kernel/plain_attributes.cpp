#include "plain_attributes.h"

#include <cstring>

#include "characters.h"
#include "simd.h"
#include "simd32.h"

namespace columnar {

namespace {

// The size of a reference to one of the five entities that every document has; 0: it is another one, or none.
inline size_t entity_reference(const char* at) {
  const auto follows = [at](const char* name, size_t size) { return std::memcmp(at + 1, name, size) == 0; };
  if (follows("amp;", 4)) return 5;
  if (follows("lt;", 3) || follows("gt;", 3)) return 4;
  return follows("quot;", 5) || follows("apos;", 5) ? 6 : 0;
}

// Behind characters beyond ASCII, or behind a reference, that need no closer look than this; nullptr: they do need one.
// until: PlainAttributes::SHORT bytes follow, at least.
inline const char* behind_simple(const char* at, const char* until) {
  if (*at == '&') {
    const size_t size = at < until ? entity_reference(at) : 0;
    return size == 0 ? nullptr : at + size;
  }
  do {
    const int size = at < until ? simple_character(at, at + 3) : 0;
    if (size == 0) return nullptr;
    at += size;
  } while (static_cast<uint8_t>(*at) >= 0x80);
  return at;
}

// What this does with one kind of vectors or another. Lanes: SIZE bytes at a time; stops(), a bit for each byte that ends
// a value in `"` or needs a closer look; stands(), whether an expected name stands somewhere.
template <typename Lanes>
#if defined(__GNUC__)
[[gnu::always_inline]]  // into functions that are compiled for other processors
#endif
inline const char* read(const char* at, PlainAttributes& attributes) {
  const Shape::Known* next = attributes.next;
  const Shape::Known* const last = attributes.last;
  Attribute* read = attributes.read;
  const char* const until = attributes.until;
  while (at < until && *at == ' ' && next != last && Lanes::stands(next->name, at + 1)) {
    const char* const from = at + 1 + next->name.size();
    const char* to = from;
    uint32_t raw = 0;
    auto stops = Lanes::stops(from);
    for (;;) {
      if (stops != 0) [[likely]] {
        to += Lanes::first(stops);
        if (*to == '"') [[likely]] break;
        if (*to == '&') raw = Attribute::RAW;
        to = behind_simple(to, attributes.long_until);
        if (to == nullptr) goto end;
      } else {
        to += Lanes::SIZE;
      }
      if (to >= attributes.long_until) goto end;
      stops = Lanes::stops(to);
    }
    read->value = from;
    read->value_size = static_cast<uint32_t>(to - from) | raw;
    ++read;
    ++next;
    at = to + 1;
  }
end:
  attributes.next = next;
  attributes.read = read;
  return at;
}

struct Lanes16 {
  static constexpr size_t SIZE = 16;
  static Mask16 stops(const char* from) { return ValueStop{'"'}.mask(load16(from)); }
  static int first(Mask16 stops) { return first_of(stops); }
  static bool stands(const Expected& name, const char* at) { return name.stand(at); }
};

const char* read_narrow(const char* at, PlainAttributes& attributes) { return read<Lanes16>(at, attributes); }

#if defined(COLUMNAR_AVX2)

struct Lanes32 {
  static constexpr size_t SIZE = 32;
  [[gnu::target("avx2,bmi")]] static uint32_t stops(const char* from) {
    constexpr Few32 FEW("\"&<");
    const __m256i bytes = load32(from);
    return bits_of32(_mm256_or_si256(less_signed32(bytes, 0x20), FEW.among(bytes)));
  }
  [[gnu::target("avx2,bmi")]] static uint32_t first(uint32_t stops) { return static_cast<uint32_t>(__builtin_ctz(stops)); }
  [[gnu::target("avx2,bmi")]] static bool stands(const Expected& name, const char* at) {
    return _mm256_testc_si256(load32(name.ignored()), _mm256_xor_si256(load32(name.bytes()), load32(at))) != 0;
  }
};

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
