#include "whole_columns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>

#include "builders.h"
#include "bytes.h"
#include "output_columns.h"

namespace columnar {

namespace {

constexpr size_t DOCUMENT = 0, POSITION = 3;  // among the columns of a batch
constexpr size_t MOST_DIGITS = 10;

// Positions as text: nearly all are small.
class Numbers {
 public:
  constexpr Numbers() {
    for (uint32_t number = 0; number < COUNT; ++number) {
      char* const at = &texts_[number * WIDTH];
      size_t size = 0;
      if (number >= 100) at[size++] = static_cast<char>('0' + number / 100);
      if (number >= 10) at[size++] = static_cast<char>('0' + number / 10 % 10);
      at[size++] = static_cast<char>('0' + number % 10);
      at[WIDTH - 1] = static_cast<char>(size);
    }
  }
  // own: where a large one may be written.
  TextCell text_of(int32_t number, std::array<char, MOST_DIGITS + AHEAD>& own) const {
    if (number >= 0 && number < static_cast<int32_t>(COUNT)) [[likely]] {
      const char* const at = &texts_[static_cast<size_t>(number) * WIDTH];
      return {at, static_cast<size_t>(at[WIDTH - 1])};
    }
    const auto written = std::to_chars(own.data(), own.data() + MOST_DIGITS, number);
    return {own.data(), static_cast<size_t>(written.ptr - own.data())};
  }

 private:
  static constexpr uint32_t COUNT = 1000;
  static constexpr size_t WIDTH = 4;  // the text, and its length
  std::array<char, COUNT * WIDTH + AHEAD> texts_{};
};

constexpr Numbers NUMBERS;  // made where this is compiled

template <typename T>
T value_at(const Column& column, size_t row) {
  T value;
  std::memcpy(&value, column.buffers[1].data() + row * sizeof value, sizeof value);
  return value;
}

}  // namespace

Column write_whole(const WholeColumn& column, const RecordBatch& batch, const Keys& keys) {
  TextBuilder texts;
  std::array<char, MOST_DIGITS + AHEAD> own{};
  const auto rows = static_cast<size_t>(batch.rows);
  const auto position_at = [&](size_t row) { return NUMBERS.text_of(value_at<int32_t>(batch.columns[POSITION], row), own); };
  bool fits = true;
  switch (column.kind) {
    case WholeKind::position:
      fits = texts.append_cells(rows, position_at, position_at);
      break;
    case WholeKind::key:
      for (size_t row = 0; row < rows && fits; ++row) {
        const auto document = static_cast<size_t>(value_at<int64_t>(batch.columns[DOCUMENT], row));
        const Document& key = keys[column.key][document];
        if (key.null) {
          texts.append_null();
        } else {
          fits = texts.append({key.data, key.size});
        }
      }
      break;
    case WholeKind::constant:
      for (size_t row = 0; row < rows && fits; ++row) fits = texts.append(column.constant);
      break;
  }
  if (!fits) throw std::bad_alloc();
  return texts.finish(column.name);
}

int64_t most_rows_of_whole(const Plan& plan, const Keys& keys) {
  size_t longest = MOST_DIGITS;
  for (const Extract& extract : plan.extracts)
    for (const WholeColumn& column : extract.whole) longest = std::max(longest, column.constant.size());
  for (const std::vector<Document>& key : keys)
    for (const Document& value : key) longest = std::max(longest, value.size);
  return static_cast<int64_t>(LARGE / longest);
}

}  // namespace columnar
