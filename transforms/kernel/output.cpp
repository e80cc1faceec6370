#include "output.h"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace columnar {

namespace {

// What an empty buffer points to: readers want an address, and of offsets the first one, even for no rows.
alignas(64) constexpr uint8_t kZeros[64] = {};

// What a structure leans on, at an address of its own, so that the structure may move. A child may be moved away by the
// reader before its parent is released: it is then the reader's, and its `release` here is null.
struct SchemaParts {
  std::string format;
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> places;
};

struct ArrayParts {
  std::vector<Buffer> buffers;
  std::vector<const void*> addresses;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> places;
};

template <typename Structure, typename Parts>
void release(Structure* structure) {
  std::unique_ptr<Parts> parts(static_cast<Parts*>(structure->private_data));
  for (Structure& child : parts->children) {
    if (child.release != nullptr) child.release(&child);
  }
  structure->release = nullptr;
}

// Moves finished children into the parts of their parent; nothing here throws once the first has moved.
template <typename Structure, typename Parts>
void adopt(std::vector<Owned<Structure>>& children, Parts& parts) {
  parts.children.resize(children.size());
  parts.places.resize(children.size());
  for (size_t i = 0; i < children.size(); ++i) {
    children[i].move_to(&parts.children[i]);
    parts.places[i] = &parts.children[i];
  }
}

Owned<ArrowSchema> make_schema(std::string format, std::string name, bool nullable,
                               const std::vector<Column>& columns) {
  std::vector<Owned<ArrowSchema>> children;
  children.reserve(columns.size());
  for (const Column& column : columns) {
    children.push_back(make_schema(column.format, column.name, column.nullable, column.children));
  }
  auto parts = std::make_unique<SchemaParts>();
  parts->format = std::move(format);
  parts->name = std::move(name);
  adopt(children, *parts);
  ArrowSchema schema{};
  schema.format = parts->format.c_str();
  schema.name = parts->name.c_str();
  schema.flags = nullable ? ARROW_FLAG_NULLABLE : 0;
  schema.n_children = static_cast<int64_t>(parts->children.size());
  schema.children = parts->places.empty() ? nullptr : parts->places.data();
  schema.release = release<ArrowSchema, SchemaParts>;
  schema.private_data = parts.release();
  return Owned<ArrowSchema>(&schema);
}

// Bytes of one value in the second buffer of a format without offsets; 0: not known here, or bits.
size_t width_of(std::string_view format) {
  if (format.empty()) return 0;
  switch (format[0]) {
    case 'c': case 'C': return 1;
    case 's': case 'S': case 'e': return 2;
    case 'i': case 'I': case 'f': return 4;
    case 'l': case 'L': case 'g': return 8;
    case 'd': return format.ends_with(",256") ? 32 : 16;
    case 't':
      if (format == "tdD" || format == "tts" || format == "ttm") return 4;
      return format.starts_with("ti") ? 0 : 8;
    default: return 0;
  }
}

[[noreturn]] void fault(const Column& column, const char* what) {
  throw std::logic_error("column '" + column.name + "' of format '" + column.format + "' " + what);
}

// The last of length + 1 offsets.
template <typename Offset>
int64_t last_offset(const Column& column) {
  const Buffer& offsets = column.buffers[1];
  const size_t length = static_cast<size_t>(column.length);
  if (length == 0 && offsets.size() == 0) return 0;
  if (offsets.size() / sizeof(Offset) < length + 1) fault(column, "lacks offsets");
  Offset last;
  std::memcpy(&last, offsets.data() + length * sizeof(Offset), sizeof last);
  return last;
}

void check_text(const Column& column, int64_t last) {
  if (last < 0 || static_cast<uint64_t>(last) > column.buffers[2].size()) fault(column, "lacks data");
}

void check_list(const Column& column, int64_t last) {
  if (column.children.size() != 1 || last < 0 || last > column.children[0].length) fault(column, "lacks values");
}

// Whether the buffers hold what the length promises.
void check_layout(const Column& column) {
  const std::string_view format = column.format;
  const bool text = format == "u" || format == "z" || format == "U" || format == "Z";
  const bool list = format == "+l" || format == "+L";
  const size_t expected = format == "n" ? 0 : format == "+s" ? 1 : text ? 3 : 2;
  if (column.buffers.size() != expected) fault(column, "has not the buffers of its format");
  if (column.length < 0 || column.null_count < 0 || column.null_count > column.length) fault(column, "counts wrong");
  if (expected == 0) return;
  const size_t length = static_cast<size_t>(column.length);
  const size_t validity = column.buffers[0].size();
  if ((validity == 0 && column.null_count != 0) || (validity != 0 && validity < (length + 7) / 8)) {
    fault(column, "lacks validity");
  }
  if (text) {
    check_text(column, format == "u" || format == "z" ? last_offset<int32_t>(column) : last_offset<int64_t>(column));
  } else if (list) {
    check_list(column, format == "+l" ? last_offset<int32_t>(column) : last_offset<int64_t>(column));
  } else if (format == "+s") {
    for (const Column& child : column.children) {
      if (child.length < column.length) fault(column, "has a shorter child");
    }
  } else if (format == "b") {
    if (column.buffers[1].size() < (length + 7) / 8) fault(column, "lacks values");
  } else {
    const size_t width = width_of(format);
    if (width == 0) fault(column, "is of a type that this kernel does not hand over");
    if (column.buffers[1].size() / width < length) fault(column, "lacks values");
  }
}

Owned<ArrowArray> make_array(Column&& column) {
  check_layout(column);
  std::vector<Owned<ArrowArray>> children;
  children.reserve(column.children.size());
  for (Column& child : column.children) children.push_back(make_array(std::move(child)));
  auto parts = std::make_unique<ArrayParts>();
  parts->buffers = std::move(column.buffers);
  parts->addresses.reserve(parts->buffers.size());
  for (const Buffer& buffer : parts->buffers) {
    const bool no_nulls = parts->addresses.empty() && buffer.size() == 0;
    parts->addresses.push_back(no_nulls ? nullptr : buffer.size() == 0 ? kZeros : buffer.data());
  }
  adopt(children, *parts);
  ArrowArray array{};
  array.length = column.length;
  array.null_count = column.null_count;
  array.n_buffers = static_cast<int64_t>(parts->addresses.size());
  array.buffers = parts->addresses.data();
  array.n_children = static_cast<int64_t>(parts->children.size());
  array.children = parts->places.empty() ? nullptr : parts->places.data();
  array.release = release<ArrowArray, ArrayParts>;
  array.private_data = parts.release();
  return Owned<ArrowArray>(&array);
}

}  // namespace

Owned<ArrowSchema> export_schema(const RecordBatch& batch) { return make_schema("+s", "", false, batch.columns); }

Owned<ArrowArray> export_batch(RecordBatch&& batch) {
  Column rows;
  rows.format = "+s";
  rows.nullable = false;
  rows.length = batch.rows;
  rows.buffers.resize(1);
  rows.children = std::move(batch.columns);
  for (const Column& column : rows.children) {
    if (column.length != batch.rows) fault(column, "has another length than its batch");
  }
  return make_array(std::move(rows));
}

}  // namespace columnar
