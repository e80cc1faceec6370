// Dates and times in formats of strptime: those whose parts are numbers, AM or PM, an offset, and characters between
// them (transforms/convert/strptime.py has the whole language, and the meaning).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "calendar.h"

namespace columnar {

// unsure: the text has something that the reference may read in this format and this kernel does not look into.
enum class Match : uint8_t { no, yes, unsure };

class DateFormat {
 public:
  // format: directives Y y m d H I M S f p z, blanks, `%%`, other characters of ASCII that are no digits; something that
  // is no digit between two numbers; z at the end. Throws std::invalid_argument for any other.
  explicit DateFormat(std::string_view format);

  // yes: `at` exists. text: without white space at its ends.
  Match read(std::string_view text, Moment& at) const;

 private:
  struct Token {
    enum class Kind : uint8_t { literal, blank, number, half, offset };
    Kind kind = Kind::literal;
    char letter = 0;  // of a literal, in lower case; of a number, its directive
  };

  std::vector<Token> tokens_;
};

}  // namespace columnar
