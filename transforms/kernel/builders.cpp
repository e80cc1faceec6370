#include "builders.h"

#include <algorithm>

namespace columnar {

void Validity::append_nulls(size_t count) {
  const int64_t end = length_ + static_cast<int64_t>(count);
  while (length_ < end && (length_ & 7) != 0) append(false);
  const auto bytes = static_cast<size_t>(end - length_) / 8, begin = static_cast<size_t>(length_) / 8;
  if (bytes != 0) {
    if (begin > bits_.size()) bits_.fill(ALL, begin - bits_.size());
    bits_.truncate(begin);
    bits_.fill(0, bytes);
    nulls_ += static_cast<int64_t>(bytes) * 8;
    length_ += static_cast<int64_t>(bytes) * 8;
  }
  while (length_ < end) append(false);
}

void Validity::truncate(int64_t length) {
  const auto end = std::min<int64_t>(length_, static_cast<int64_t>(bits_.size()) * 8);
  for (int64_t row = length; row < end; ++row) {
    uint8_t& byte = bits_.data()[row >> 3];
    const auto bit = static_cast<uint8_t>(1U << (row & 7));
    if ((byte & bit) == 0) --nulls_;
    byte |= bit;
  }
  length_ = length;
}

Buffer Validity::finish() {
  if (nulls_ == 0) return {};
  const auto bytes = static_cast<size_t>(length_ + 7) / 8;
  if (bytes > bits_.size()) bits_.fill(ALL, bytes - bits_.size());
  bits_.truncate(bytes);
  if ((length_ & 7) != 0) bits_.data()[bytes - 1] &= static_cast<uint8_t>((1U << (length_ & 7)) - 1);
  return std::move(bits_);
}

void Offsets::append_same(size_t end, size_t rows) {
  uint8_t* at = room_for(rows);
  const auto offset = static_cast<int32_t>(end);
  for (size_t i = 0; i < rows; ++i, at += sizeof offset) std::memcpy(at, &offset, sizeof offset);
  filled_to(at);
}

int32_t Offsets::end_of(int64_t rows) const {
  if (rows == 0) return 0;
  int32_t end;
  std::memcpy(&end, all_.data() + static_cast<size_t>(rows) * sizeof end, sizeof end);
  return end;
}

void TextBuilder::append_nulls(size_t count) {
  if (count == 0) return;
  offsets_.append_same(data_.size(), count);
  validity_.append_nulls(count);
}

void TextBuilder::truncate(int64_t length) {
  data_.truncate(static_cast<size_t>(offsets_.end_of(length)));
  offsets_.truncate(length);
  validity_.truncate(length);
}

Column TextBuilder::finish(std::string name) {
  Column column{std::move(name), "u", true, validity_.length(), validity_.nulls(), {}, {}};
  column.buffers.push_back(validity_.finish());
  column.buffers.push_back(offsets_.finish());
  column.buffers.push_back(std::move(data_));
  *this = TextBuilder();
  return column;
}

void ListBuilder::truncate(int64_t length) {
  items_.truncate(offsets_.end_of(length));
  offsets_.truncate(length);
  validity_.truncate(length);
}

Column ListBuilder::finish(std::string name) {
  Column column{std::move(name), "+l", true, validity_.length(), validity_.nulls(), {}, {}};
  column.buffers.push_back(validity_.finish());
  column.buffers.push_back(offsets_.finish());
  column.children.push_back(items_.finish("item"));
  *this = ListBuilder();
  return column;
}

}  // namespace columnar
