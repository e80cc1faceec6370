// A window of sixty-four bytes in a few instructions, where the processor has them: it is asked when the program runs.
//
// Wide registers gain nothing where one walks from a structural character to the next (simd.h), most of which are nearer
// than sixteen bytes. They do where a whole window is looked at.
#pragma once

#include <cstddef>
#include <cstdint>

namespace columnar {

constexpr size_t WINDOW = 64;

// What is among WINDOW bytes: a bit for each that may end a token, and for each that is beyond ASCII.
struct Looked {
  uint64_t ends, beyond_ascii;
};

// Which of WINDOW bytes begin a character of two bytes, one of three, or go on with one. Those that look at more than one
// byte to tell are none of these.
struct Simple {
  uint64_t two, three, others;
};

struct Wide {
  const char* name;                        // of the instructions
  Looked (*value_ends)(const char* from);  // WINDOW bytes, by ValueEnds
  Looked (*text_ends)(const char* from);   // WINDOW bytes, by TextEnds
  Simple (*simple)(const char* from);      // WINDOW bytes
  int64_t (*count_lines)(const char* from, const char* to);  // the line feeds between two places
};

// By the widest instructions of this processor that are known here.
const Wide& widest();

}  // namespace columnar
