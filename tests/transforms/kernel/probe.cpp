// Shreds documents without Python and prints what came of it, so that builds for other processors can be held to this
// one's: see compare_builds.py, which writes what is read here.
//
// probe FILE: plan (u64 size, bytes), then batches up to the end of the file: u32 threads, u32 text, u64 documents,
// and of each document i64 size (-1: null) and its bytes. Little-endian, as all processors that are built for.
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "arrow_abi.h"
#include "batch.h"
#include "output.h"
#include "plan.h"
#include "wide.h"

namespace {

using columnar::Column;

class Input {
 public:
  explicit Input(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be read");
    bytes_.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  bool more() const { return at_ < bytes_.size(); }
  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  const char* take(size_t size) {
    if (bytes_.size() - at_ < size) throw std::runtime_error("ends early");
    at_ += size;
    return bytes_.data() + at_ - size;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

uint64_t fnv(const uint8_t* bytes, size_t size) {
  uint64_t hash = 0xCBF29CE484222325;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001B3;
  return hash;
}

void print(const Column& column, const std::string& name) {
  std::printf("  %s.%s %s %" PRId64 " rows %" PRId64 " null", name.c_str(), column.name.c_str(), column.format.c_str(),
              column.length, column.null_count);
  for (const columnar::Buffer& buffer : column.buffers) {
    std::printf(" %zu:%016" PRIx64, buffer.size(), fnv(buffer.data(), buffer.size()));
  }
  std::printf("\n");
  for (const Column& child : column.children) print(child, name + "." + column.name);
}

void shred(const columnar::Plan& plan, Input& input) {
  const auto threads = input.number<uint32_t>();
  const bool text = input.number<uint32_t>() != 0;
  std::vector<columnar::Document> documents(input.number<uint64_t>());
  for (columnar::Document& document : documents) {
    const auto size = input.number<int64_t>();
    document.null = size < 0;
    document.size = size < 0 ? 0 : static_cast<size_t>(size);
    document.data = input.take(document.size);
  }
  const std::vector<columnar::Document> key(documents.size(), columnar::Document{"key", 3, false});
  const columnar::Keys keys(plan.keys, key);
  columnar::ShredResult result = columnar::shred_batch(plan, documents, keys, nullptr, threads, text);
  std::printf("%zu documents, %u threads\n", documents.size(), threads);
  for (size_t extract = 0; extract < result.extracts.size(); ++extract) {
    for (columnar::RecordBatch& batch : result.extracts[extract]) {
      for (const Column& column : batch.columns) print(column, std::to_string(extract));
      columnar::export_batch(std::move(batch));
    }
  }
  for (const columnar::Refusal& each : result.refused) {
    std::printf("  refused %" PRId64 " %s at %" PRId64 ", %" PRId64 ":%" PRId64 ": %s\n", each.document,
                columnar::name_of(each.reason), each.offset, each.line, each.column, each.detail.c_str());
  }
  for (const columnar::Declined& each : result.declined) {
    std::printf("  declined %" PRId64 " %s\n", each.document, each.why);
  }
  for (const columnar::Several& each : result.several) {
    std::printf("  several %" PRIu32 ".%" PRIu32 " %" PRId64 "\n", each.extract, each.column, each.cells);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "probe FILE; this one uses %s\n", columnar::widest().name);
    return 2;
  }
  try {
    Input input(arguments[1]);
    const auto size = input.number<uint64_t>();
    const auto plan = columnar::read_plan({input.take(size), size});
    while (input.more()) shred(*plan, input);
    std::fprintf(stderr, "%s\n", columnar::widest().name);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], error.what());
    return 1;
  }
}
