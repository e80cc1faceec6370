// A window of a few hundred bytes in a few instructions, where the processor has them: it is asked when the program runs.
//
// Wide registers gain nothing where one walks from a structural character to the next (simd.h), most of which are nearer
// than sixteen bytes. They do where a whole window is looked at.
#pragma once

#include <cstddef>
#include <cstdint>

namespace columnar {

constexpr size_t WINDOW = 256;

struct Wide {
  const char* name;  // of the instructions
  // Which of WINDOW bytes are TextEnds, as bits of WINDOW / 64 words; returns whether any is beyond ASCII.
  bool (*text_ends)(const char* from, uint64_t* ends);
  // Whether all characters beyond ASCII among WINDOW bytes are of two or three bytes, and begin with one that is followed
  // by any others of their kind. begun: which bytes belong to a character that began before them, as bits; then, which
  // behind them belong to one that began among them.
  bool (*are_simple)(const char* from, uint64_t& begun);
  int64_t (*count_lines)(const char* from, const char* to);  // the line feeds between two places
};

// By the widest instructions of this processor that are known here.
const Wide& widest();

}  // namespace columnar
