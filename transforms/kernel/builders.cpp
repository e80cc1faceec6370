#include "builders.h"

namespace columnar {

namespace {

int32_t end_of(const Buffer& ends, int64_t length) {
  if (length == 0) return 0;
  int32_t end;
  std::memcpy(&end, ends.data() + (static_cast<size_t>(length) - 1) * sizeof end, sizeof end);
  return end;
}

Buffer offsets_of(const Buffer& ends) {
  Buffer offsets;
  offsets.reserve_more(ends.size() + sizeof(int32_t));
  offsets.push<int32_t>(0);
  offsets.append(ends.data(), ends.size());
  return offsets;
}

}  // namespace

void Validity::truncate(int64_t length) {
  for (int64_t row = length; row < length_; ++row)
    if ((bits_.data()[row >> 3] >> (row & 7) & 1) == 0) --nulls_;
  bits_.truncate(static_cast<size_t>(length + 7) / 8);
  if ((length & 7) != 0) bits_.data()[length >> 3] &= static_cast<uint8_t>((1U << (length & 7)) - 1);
  length_ = length;
}

void TextBuilder::truncate(int64_t length) {
  data_.truncate(static_cast<size_t>(end_of(ends_, length)));
  ends_.truncate(static_cast<size_t>(length) * sizeof(int32_t));
  validity_.truncate(length);
}

Column TextBuilder::finish(std::string name) {
  Column column{std::move(name), "u", true, validity_.length(), validity_.nulls(), {}, {}};
  column.buffers.push_back(validity_.finish());
  column.buffers.push_back(offsets_of(ends_));
  column.buffers.push_back(std::move(data_));
  *this = TextBuilder();
  return column;
}

void ListBuilder::truncate(int64_t length) {
  items_.truncate(end_of(ends_, length));
  ends_.truncate(static_cast<size_t>(length) * sizeof(int32_t));
  validity_.truncate(length);
}

Column ListBuilder::finish(std::string name) {
  Column column{std::move(name), "+l", true, validity_.length(), validity_.nulls(), {}, {}};
  column.buffers.push_back(validity_.finish());
  column.buffers.push_back(offsets_of(ends_));
  column.children.push_back(items_.finish("item"));
  *this = ListBuilder();
  return column;
}

}  // namespace columnar
