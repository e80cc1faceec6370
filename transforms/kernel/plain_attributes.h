// Attributes as most are: with one space before each, expected ones, with nothing in their values that needs a closer look.
// They are read in few instructions, by the widest that the processor has.
#pragma once

#include "shapes.h"
#include "tag.h"

namespace columnar {

struct PlainAttributes {
  static constexpr size_t SHORT = 32;  // so many bytes of a value are looked at at once, as most
  static constexpr size_t READ = SHORT + 8;  // and a reference that begins with the last of them
  static constexpr size_t BEHIND = 1 + Expected::MOST + READ;  // a space, a name, and these

  const Shape::Known* next;  // that is expected
  const Shape::Known* last;  // behind all that are
  Attribute* read;           // where the next value is put; its name is left for later
  const char* until;         // those that begin from here on are not read: BEHIND bytes of the document follow
  const char* long_until;    // nor those whose values go on here, longer than SHORT; READ bytes follow
};

// Reads attributes from `at` on; where the first that is not like this begins, or the end of the tag.
using ReadPlainAttributes = const char* (*)(const char* at, PlainAttributes& attributes);
// By the widest instructions of this processor that are known here.
ReadPlainAttributes plain_attributes();

}  // namespace columnar
