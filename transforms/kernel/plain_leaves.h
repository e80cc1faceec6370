// Elements as most are: expected ones, without attributes, with nothing in them but text that needs no closer look. They
// are read in few instructions, by the widest that the processor has.
#pragma once

#include "matcher_leaves.h"
#include "namespaces.h"
#include "shapes.h"

namespace columnar {

struct PlainLeaves {
  const Matcher::Leaves& leaves;  // what is to be done about them
  const Namespaces& namespaces;
  Shape* shape;            // of the last element that began
  const char* last_tag;    // the end of the last tag before the first of them
  const char* after;       // the end of the last one that was taken; nullptr: none was
  const char* until;       // those that begin from here on are not taken: 2 * Expected::MOST bytes of the document follow
  const char* long_until;  // nor those whose text goes on here; PlainAttributes::READ bytes follow
};

// Takes elements from `at` on; where the next piece of markup begins, or the blanks before it.
using TakePlainLeaves = const char* (*)(const char* at, PlainLeaves& plain);
// By the widest instructions of this processor that are known here.
TakePlainLeaves plain_leaves();

}  // namespace columnar
