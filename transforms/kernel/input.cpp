#include "input.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace columnar {

namespace {

// Where documents without bytes point: an empty array may come without a data buffer.
constexpr char kNothing[1] = {0};

// A view's bytes lie in the view itself up to this length.
constexpr int32_t kInlineBytes = 12;
constexpr size_t kViewSize = 16;

// Beyond it a place in a buffer of views could not be computed.
constexpr int64_t kMostSlots = INT64_MAX / static_cast<int64_t>(kViewSize);

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("the array of documents " + what); }

// Buffers need not be aligned.
template <typename T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// The array's buffer at a place, nullptr where it is missing.
const uint8_t* buffer(const ArrowArray& array, int64_t place) {
  return array.buffers == nullptr ? nullptr : static_cast<const uint8_t*>(array.buffers[place]);
}

// Which documents are null.
class Nulls {
 public:
  explicit Nulls(const ArrowArray& array) : bits_(array.null_count == 0 ? nullptr : buffer(array, 0)) {
    if (array.null_count > 0 && bits_ == nullptr) refuse("has nulls and no validity buffer");
  }
  // slot: from the start of the buffers, so with the array's offset.
  bool at(int64_t slot) const { return bits_ != nullptr && ((bits_[slot >> 3] >> (slot & 7)) & 1) == 0; }

 private:
  const uint8_t* bits_;
};

Document null_document() { return Document{kNothing, 0, true}; }

void check_shape(const ArrowArray& array, int64_t fewest_buffers) {
  if (array.length < 0 || array.offset < 0 || array.offset >= kMostSlots || array.length >= kMostSlots - array.offset) {
    refuse("has a length or offset that cannot be");
  }
  if (array.n_buffers < fewest_buffers || (array.length > 0 && fewest_buffers > 0 && array.buffers == nullptr)) {
    refuse("lacks buffers");
  }
  if (array.n_children != 0 || array.dictionary != nullptr) refuse("has children");
}

// Formats u z (Offset int32_t) and U Z (int64_t): a validity buffer, length + 1 offsets, data.
template <typename Offset>
void append_offset_layout(const ArrowArray& array, std::vector<Document>& documents) {
  check_shape(array, 3);
  if (array.length == 0) return;
  const Nulls nulls(array);
  const uint8_t* offsets = buffer(array, 1);
  const uint8_t* data = buffer(array, 2);
  if (offsets == nullptr) refuse("lacks its offsets");
  offsets += static_cast<size_t>(array.offset) * sizeof(Offset);
  Offset start = load<Offset>(offsets);
  if (start < 0) refuse("has a negative offset");
  for (int64_t row = 0; row < array.length; ++row) {
    const Offset end = load<Offset>(offsets + (static_cast<size_t>(row) + 1) * sizeof(Offset));
    if (end < start) refuse("has offsets that descend");
    if (end > start && data == nullptr) refuse("lacks its data");
    if (nulls.at(array.offset + row)) {
      documents.push_back(null_document());
    } else if (end == start) {
      documents.push_back(Document{kNothing, 0, false});
    } else {
      documents.push_back(
          Document{reinterpret_cast<const char*>(data) + start, static_cast<size_t>(end - start), false});
    }
    start = end;
  }
}

// Formats vu and vz: a validity buffer, views of 16 bytes, any number of data buffers, the sizes of these as int64_t.
// A view: int32 size, then the bytes if they are at most 12, else int32 prefix, int32 buffer, int32 offset.
void append_view_layout(const ArrowArray& array, std::vector<Document>& documents) {
  check_shape(array, 3);
  if (array.length == 0) return;
  const Nulls nulls(array);
  const int64_t data_buffers = array.n_buffers - 3;
  const uint8_t* views = buffer(array, 1);
  const uint8_t* sizes = buffer(array, array.n_buffers - 1);
  if (views == nullptr) refuse("lacks its views");
  if (data_buffers > 0 && sizes == nullptr) refuse("lacks the sizes of its data");
  views += static_cast<size_t>(array.offset) * kViewSize;
  for (int64_t row = 0; row < array.length; ++row, views += kViewSize) {
    if (nulls.at(array.offset + row)) {
      documents.push_back(null_document());
      continue;
    }
    const int32_t size = load<int32_t>(views);
    if (size < 0) refuse("has a view of negative size");
    if (size <= kInlineBytes) {
      documents.push_back(Document{reinterpret_cast<const char*>(views) + 4, static_cast<size_t>(size), false});
      continue;
    }
    const int32_t place = load<int32_t>(views + 8);
    const int32_t offset = load<int32_t>(views + 12);
    if (place < 0 || place >= data_buffers) refuse("has a view into a buffer that is not there");
    const uint8_t* data = buffer(array, 2 + place);
    const int64_t held = load<int64_t>(sizes + static_cast<size_t>(place) * sizeof(int64_t));
    // The sum of two int32 is computed as int64, so it cannot wrap.
    if (offset < 0 || data == nullptr || int64_t{offset} + size > held) refuse("has a view outside of its buffer");
    documents.push_back(Document{reinterpret_cast<const char*>(data) + offset, static_cast<size_t>(size), false});
  }
}

void append_nulls(const ArrowArray& array, std::vector<Document>& documents) {
  check_shape(array, 0);
  documents.insert(documents.end(), static_cast<size_t>(array.length), null_document());
}

}  // namespace

void append_documents(const ArrowSchema& schema, const ArrowArray& array, std::vector<Document>& documents) {
  if (schema.format == nullptr) refuse("has no type");
  const std::string_view format = schema.format;
  if (schema.dictionary != nullptr) refuse("is dictionary encoded; cast it to text or bytes");
  if (format == "u" || format == "z") return append_offset_layout<int32_t>(array, documents);
  if (format == "U" || format == "Z") return append_offset_layout<int64_t>(array, documents);
  if (format == "vu" || format == "vz") return append_view_layout(array, documents);
  if (format == "n") return append_nulls(array, documents);
  refuse("is of Arrow format '" + std::string(format) + "'; text or bytes were expected");
}

}  // namespace columnar
