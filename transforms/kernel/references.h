// Character references, the five predefined entities, and normalised values and line ends.
#pragma once

#include <string_view>

#include "arena.h"

namespace columnar {

// What `&...;` stands for, of a reference that was checked. from: at the `&`; moved behind the `;`.
// The text is in the arena.
std::string_view resolve_reference(const char*& from, Arena& arena);

// Text with its references resolved; there are no carriage returns in it.
std::string_view resolve_references(std::string_view text, Arena& arena);

// An attribute's value as XML 1.0 3.3.3 normalises it. raw: what stands between the quotes, checked.
std::string_view normalise_value(std::string_view raw, Arena& arena);

}  // namespace columnar
