// Dates and times as columns without formats read them: ISO 8601, the extended notation.
#pragma once

#include <string_view>

#include "calendar.h"

namespace columnar {

// `2020-02-29`. False: the text is not in this form, or there is no such day; then `at` holds anything.
bool read_date(std::string_view text, Moment& at);

// `10:20`, `10:20:30`, `10:20:30.5`: one to six digits of a fraction.
bool read_time(std::string_view text, Moment& at);

// A date, or a date and a time with `T` or a blank between them.
bool read_timestamp(std::string_view text, Moment& at);

// A date and a time, and `Z` or an offset such as `+01:00`.
bool read_timestamptz(std::string_view text, Moment& at);

}  // namespace columnar
