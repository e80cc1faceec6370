// The proleptic calendar from the year 1 to 9999: days and microseconds since 1970.
#pragma once

#include <cstdint>

namespace columnar {

constexpr int64_t SECOND = 1'000'000;  // microseconds
constexpr int64_t DAY = 86'400 * SECOND;
constexpr int64_t FIRST_DAY = -719'162;
constexpr int64_t LAST_DAY = 2'932'896;

// What a text says; what it leaves out is as in strptime.
struct Moment {
  int year = 1900;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  int64_t offset = 0;  // from UTC, in microseconds
};

constexpr bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int days_of(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

// Whether there is such a day and time: no second 60, no hour 24.
constexpr bool exists(const Moment& at) {
  return at.year >= 1 && at.year <= 9999 && at.month >= 1 && at.month <= 12 && at.day >= 1 &&
         at.day <= days_of(at.year, at.month) && at.hour >= 0 && at.hour <= 23 && at.minute >= 0 && at.minute <= 59 &&
         at.second >= 0 && at.second <= 59;
}

// Days since 1970 of a day that exists. Years begin in March here, so that leap days come last.
constexpr int64_t days_since_epoch(const Moment& at) {
  const int year = at.month > 2 ? at.year : at.year - 1;
  const int month = at.month > 2 ? at.month - 3 : at.month + 9;
  const int day_of_year = (153 * month + 2) / 5 + at.day - 1;
  return int64_t{365} * year + year / 4 - year / 100 + year / 400 + day_of_year - 719'468;
}

constexpr int64_t since_midnight(const Moment& at) {
  return ((at.hour * int64_t{60} + at.minute) * 60 + at.second) * SECOND + at.microsecond;
}

static_assert(days_since_epoch({1970, 1, 1}) == 0);
static_assert(days_since_epoch({1, 1, 1}) == FIRST_DAY);
static_assert(days_since_epoch({9999, 12, 31}) == LAST_DAY);

}  // namespace columnar
