#include "joined_rows.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace columnar {

namespace {

constexpr size_t FEW_BYTES = 4096;  // in a column, on average

constexpr size_t VALIDITY = 0, VALUES = 1, TEXT = 2;  // the buffers; offsets are where others have values

size_t bytes_of(const Column& column) {
  size_t bytes = 0;
  for (const Buffer& buffer : column.buffers) bytes += buffer.size();
  for (const Column& child : column.children) bytes += bytes_of(child);
  return bytes;
}

size_t bytes_of_bits(int64_t bits) { return static_cast<size_t>(bits + 7) / 8; }

// Appends so many bits to the first `length` of a buffer, whose last byte has none behind them.
void append_bits(Buffer& buffer, int64_t length, const uint8_t* more, int64_t count) {
  const unsigned used = static_cast<unsigned>(length & 7);
  const size_t begin = static_cast<size_t>(length) / 8, bytes = bytes_of_bits(count);
  buffer.fill(0, bytes_of_bits(length + count) - buffer.size());
  uint8_t* const to = buffer.data() + begin;
  const size_t room = buffer.size() - begin;
  for (size_t i = 0; i < bytes; ++i) {
    const unsigned shifted = static_cast<unsigned>(more[i]) << used;
    to[i] |= static_cast<uint8_t>(shifted);
    if (i + 1 < room) to[i + 1] |= static_cast<uint8_t>(shifted >> 8);
  }
}

// All set, and none behind them.
void set_bits(Buffer& buffer, int64_t length) {
  buffer.fill(0xFF, bytes_of_bits(length));
  if ((length & 7) != 0) buffer.data()[buffer.size() - 1] = static_cast<uint8_t>((1U << (length & 7)) - 1);
}

void append_validity(Column& column, const Column& more) {
  if (column.null_count == 0 && more.null_count == 0) return;
  Buffer& bits = column.buffers[VALIDITY];
  if (column.null_count == 0) set_bits(bits, column.length);
  if (more.null_count != 0) {
    append_bits(bits, column.length, more.buffers[VALIDITY].data(), more.length);
    return;
  }
  Buffer all;
  set_bits(all, more.length);
  append_bits(bits, column.length, all.data(), more.length);
}

// base: where the values of the first of the rows will begin.
void append_offsets(Buffer& offsets, const Buffer& more, size_t base) {
  offsets.reserve_more(more.size() + sizeof(int32_t));
  if (offsets.size() == 0) offsets.push_reserved(int32_t{0});  // as before the first row
  for (size_t at = sizeof(int32_t); at < more.size(); at += sizeof(int32_t)) {
    int32_t end;
    std::memcpy(&end, more.data() + at, sizeof end);
    offsets.push_reserved(end + static_cast<int32_t>(base));
  }
}

void append(Column& column, const Column& more) {
  if (more.length == 0) return;
  append_validity(column, more);
  Buffer& values = column.buffers[VALUES];
  const Buffer& more_values = more.buffers[VALUES];
  if (column.format == "b") {
    append_bits(values, column.length, more_values.data(), more.length);
  } else if (column.format == "u") {
    append_offsets(values, more_values, column.buffers[TEXT].size());
    column.buffers[TEXT].append(more.buffers[TEXT].data(), more.buffers[TEXT].size());
  } else if (column.format == "+l") {
    append_offsets(values, more_values, static_cast<size_t>(column.children[0].length));
    append(column.children[0], more.children[0]);
  } else {
    values.append(more_values.data(), more_values.size());
  }
  column.length += more.length;
  column.null_count += more.null_count;
}

}  // namespace

bool are_few(const RecordBatch& batch) {
  size_t bytes = 0;
  for (const Column& column : batch.columns) bytes += bytes_of(column);
  return bytes <= FEW_BYTES * batch.columns.size();
}

void append_rows(RecordBatch& batch, const RecordBatch& more) {
  for (size_t i = 0; i < batch.columns.size(); ++i) append(batch.columns[i], more.columns[i]);
  batch.rows += more.rows;
}

}  // namespace columnar
