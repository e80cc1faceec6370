#include "cell_type.h"

#include <stdexcept>

namespace columnar {

namespace {

[[noreturn]] void fail(const char* what) { throw std::invalid_argument(std::string("not a type of cells: ") + what); }

std::vector<DateFormat> read_formats(std::string_view texts) {
  std::vector<DateFormat> formats;
  while (!texts.empty()) {
    const size_t end = texts.find('\0');
    if (end == std::string_view::npos) fail("a format without an end");
    formats.emplace_back(texts.substr(0, end));
    texts.remove_prefix(end + 1);
  }
  return formats;
}

}  // namespace

std::string CellType::arrow_format() const {
  switch (kind) {
    case Kind::text: return "u";
    case Kind::integer: return bits == 8 ? "c" : bits == 16 ? "s" : bits == 32 ? "i" : "l";
    case Kind::decimal: return "d:" + std::to_string(precision) + "," + std::to_string(scale);
    case Kind::real: return "g";
    case Kind::boolean: return "b";
    case Kind::date: return "tdD";
    case Kind::time: return "ttu";
    case Kind::timestamp: return "tsu:";
    case Kind::timestamptz: return "tsu:UTC";
  }
  return "u";
}

CellType make_cell_type(uint32_t kind, uint32_t one, uint32_t two, uint32_t flags, std::string_view formats) {
  if (kind > static_cast<uint32_t>(Kind::timestamptz)) fail("an unknown kind");
  if (flags > 1) fail("an unknown flag");
  CellType type;
  type.kind = static_cast<Kind>(kind);
  type.empty_is_missing = flags == 1;
  if (type.kind == Kind::integer) {
    if (one != 8 && one != 16 && one != 32 && one != 64) fail("an integer of other than 8, 16, 32 or 64 bits");
    type.bits = static_cast<uint8_t>(one);
  }
  if (type.kind == Kind::decimal) {
    if (one < 1 || one > 38 || two > one) fail("a decimal of other than 1 to 38 digits");
    type.precision = static_cast<uint8_t>(one);
    type.scale = static_cast<uint8_t>(two);
  }
  if (!formats.empty() && type.kind < Kind::date) fail("formats of something that is no date and no time");
  type.formats = read_formats(formats);
  return type;
}

}  // namespace columnar
