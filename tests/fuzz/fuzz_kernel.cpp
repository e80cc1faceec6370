// A libFuzzer target: any bytes as one to three documents, by plans that tests/fuzz/native.py wrote.
//
// The first byte of an input chooses the plan (its low bits) and whether the documents are text (its highest bit); the
// rest are the documents, with FE FF FE between them. Each is shredded by one thread and by two. What must hold: every
// document is refused, left to the reference or accepted, once; the arrays are what Arrow wants, and their texts are
// UTF-8; both results are the same. COLUMNAR_PLANS names the file of the plans: for each u32 size and its bytes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "batch.h"
#include "column.h"
#include "plan.h"

namespace {

using columnar::Buffer;
using columnar::Column;
using columnar::Document;
using columnar::Plan;
using columnar::RecordBatch;
using columnar::ShredResult;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

const std::vector<std::unique_ptr<Plan>>& plans() {
  static const std::vector<std::unique_ptr<Plan>> read = [] {
    std::vector<std::unique_ptr<Plan>> found;
    const char* path = std::getenv("COLUMNAR_PLANS");
    require(path != nullptr, "COLUMNAR_PLANS names a file");
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (size_t at = 0; at + 4 <= bytes.size();) {
      uint32_t size = 0;
      std::memcpy(&size, bytes.data() + at, sizeof size);
      require(bytes.size() - at - 4 >= size, "the file of plans is whole");
      found.push_back(columnar::read_plan(std::string_view(bytes).substr(at + 4, size)));
      at += 4 + size;
    }
    require(!found.empty(), "there is a plan");
    return found;
  }();
  return read;
}

// The documents of an input, at most three.
std::vector<std::string_view> split(std::string_view input) {
  constexpr std::string_view between = "\xFE\xFF\xFE";
  std::vector<std::string_view> found;
  while (found.size() < 2) {
    const size_t at = input.find(between);
    if (at == std::string_view::npos) break;
    found.push_back(input.substr(0, at));
    input.remove_prefix(at + between.size());
  }
  found.push_back(input);
  return found;
}

// How many bytes the UTF-8 character at the beginning has; 0: it is none (RFC 3629).
size_t character(const uint8_t* at, size_t size) {
  const auto follows = [&](size_t index, uint8_t low = 0x80, uint8_t high = 0xBF) {
    return index < size && at[index] >= low && at[index] <= high;
  };
  const uint8_t first = at[0];
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  const uint8_t* at = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t left = text.size(); left != 0;) {
    const size_t size = character(at, left);
    if (size == 0) return false;
    at += size;
    left -= size;
  }
  return true;
}

bool is_valid(const Column& column, int64_t row) {
  const Buffer& validity = column.buffers[0];
  return validity.size() == 0 || (validity.data()[row / 8] >> (row % 8) & 1) != 0;
}

int64_t offset(const Column& column, int64_t index) {
  const bool wide = column.format == "U" || column.format == "Z" || column.format == "+L";
  const size_t size = wide ? 8 : 4;
  require(column.buffers[1].size() >= (static_cast<size_t>(index) + 1) * size, "an offset lies in its buffer");
  int64_t value = 0;
  if (wide) {
    std::memcpy(&value, column.buffers[1].data() + index * 8, 8);
  } else {
    int32_t narrow = 0;
    std::memcpy(&narrow, column.buffers[1].data() + index * 4, 4);
    value = narrow;
  }
  return value;
}

// Bytes of a value of fixed width; 0: of another kind.
size_t width(const std::string& format) {
  if (format == "i" || format == "I" || format == "f" || format == "tdD") return 4;
  if (format == "l" || format == "L" || format == "g" || format.starts_with("ts")) return 8;
  if (format == "s" || format == "S") return 2;
  if (format == "c" || format == "C") return 1;
  return format.starts_with("d:") ? 16 : 0;
}

void check(const Column& column) {
  require(column.length >= 0, "no length is negative");
  int64_t nulls = 0;
  const Buffer& validity = column.buffers.at(0);
  require(validity.size() == 0 || validity.size() * 8 >= static_cast<size_t>(column.length), "validity covers all rows");
  for (int64_t row = 0; row < column.length; ++row) nulls += !is_valid(column, row);
  require(nulls == column.null_count, "the nulls are counted");
  require(column.nullable || nulls == 0, "nothing is null that must not be");
  if (column.format == "u" || column.format == "U" || column.format.starts_with("+")) {
    const bool list = column.format.starts_with("+");
    if (list) check(column.children.at(0));
    const int64_t end = list ? column.children[0].length : static_cast<int64_t>(column.buffers.at(2).size());
    int64_t before = column.length == 0 ? 0 : offset(column, 0);
    require(before == 0, "offsets begin at 0");
    for (int64_t row = 0; row < column.length; ++row) {
      const int64_t next = offset(column, row + 1);
      require(before <= next && next <= end, "offsets rise and lie inside");
      if (!list) {
        const char* data = reinterpret_cast<const char*>(column.buffers[2].data());
        require(next == before || is_utf8({data + before, static_cast<size_t>(next - before)}), "a text is UTF-8");
      }
      before = next;
    }
  } else if (column.format == "b") {
    require(column.buffers.at(1).size() * 8 >= static_cast<size_t>(column.length), "values cover all rows");
  } else {
    require(width(column.format) != 0, "the format is known");
    require(column.buffers.at(1).size() >= width(column.format) * static_cast<size_t>(column.length), "values cover all rows");
  }
}

// A cell as bytes that are the same for equal cells only.
void print(std::string& out, const Column& column, int64_t row) {
  if (!is_valid(column, row)) {
    out += "~";
    return;
  }
  if (column.format == "b") {
    out += (column.buffers[1].data()[row / 8] >> (row % 8) & 1) != 0 ? "t" : "f";
  } else if (const size_t size = width(column.format); size != 0) {
    out.append(reinterpret_cast<const char*>(column.buffers[1].data()) + size * row, size);
  } else {
    const int64_t start = offset(column, row), end = offset(column, row + 1);
    out += std::to_string(end - start) + ":";
    if (column.format.starts_with("+")) {
      for (int64_t at = start; at < end; ++at) print(out, column.children[0], at);
    } else if (end > start) {
      out.append(reinterpret_cast<const char*>(column.buffers[2].data()) + start, end - start);
    }
  }
}

// All of a result as bytes; batches of an extract are one behind the other.
std::string printed(const ShredResult& result) {
  std::string out;
  for (const std::vector<RecordBatch>& extract : result.extracts) {
    out += "extract\n";
    for (const RecordBatch& batch : extract) {
      for (int64_t row = 0; row < batch.rows; ++row) {
        for (const Column& column : batch.columns) print(out, column, row);
        out += "\n";
      }
    }
  }
  for (const auto& each : result.refused) {
    out += std::to_string(each.document) + " " + columnar::name_of(each.reason) + " " + std::to_string(each.offset) + " " +
           std::to_string(each.line) + " " + std::to_string(each.column) + " " + each.detail + "\n";
  }
  for (const auto& each : result.declined) out += std::to_string(each.document) + " " + each.why + "\n";
  for (const auto& each : result.several) {
    out += std::to_string(each.extract) + "." + std::to_string(each.column) + " " + std::to_string(each.cells) + "\n";
  }
  return out;
}

void check(const Plan& plan, const ShredResult& result, const std::vector<Document>& documents) {
  std::vector<int> told(documents.size());
  int64_t before = -1;
  for (const auto& each : result.refused) {
    require(each.document > before && each.document < static_cast<int64_t>(documents.size()), "refusals are in order");
    require(each.line >= 0 && each.column >= 0 && each.offset >= 0, "places are places");
    require(each.offset <= static_cast<int64_t>(documents[each.document].size), "a place is in the document");
    require(is_utf8(each.detail), "a message is UTF-8");
    before = each.document;
    ++told[each.document];
  }
  for (const auto& each : result.declined) {
    require(each.document >= 0 && each.document < static_cast<int64_t>(documents.size()), "what is left is there");
    ++told[each.document];
  }
  for (const int times : told) require(times <= 1, "a document is refused or left, once");
  require(result.extracts.size() == plan.extracts.size(), "there are all extracts");
  for (size_t at = 0; at < result.extracts.size(); ++at) {
    int64_t last = 0;
    for (const RecordBatch& batch : result.extracts[at]) {
      for (const Column& column : batch.columns) {
        require(column.length == batch.rows, "columns are as long as their batch");
        check(column);
      }
      require(batch.columns.empty() || batch.columns[0].name == "_document", "documents are numbered first");
      for (int64_t row = 0; !batch.columns.empty() && row < batch.rows; ++row) {
        int64_t document = 0;
        std::memcpy(&document, batch.columns[0].buffers[1].data() + row * 8, 8);
        require(document >= last && document < static_cast<int64_t>(documents.size()), "rows are in order");
        require(told[document] == 0, "only accepted documents have rows");
        last = document;
      }
    }
  }
  for (const auto& each : result.several) {
    require(each.cells > 0 && each.extract < plan.extracts.size(), "cells with several nodes are counted");
    require(each.column < plan.columns.size(), "cells with several nodes have a column");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Plan& plan = *plans()[(data[0] & 0x7F) % plans().size()];
  const bool text = (data[0] & 0x80) != 0;
  // Each document in memory of its own, so that a step beyond its end is seen.
  std::vector<std::unique_ptr<char[]>> memory;
  std::vector<Document> documents;
  for (const std::string_view document : split({reinterpret_cast<const char*>(data) + 1, size - 1})) {
    memory.push_back(std::make_unique<char[]>(document.size()));
    std::memcpy(memory.back().get(), document.data(), document.size());
    documents.push_back({memory.back().get(), document.size(), false});
  }
  const std::vector<Document> key(documents.size(), Document{"key", 3, false});
  const columnar::Keys keys(plan.keys, key);
  const ShredResult one = columnar::shred_batch(plan, documents, keys, nullptr, 1, text);
  check(plan, one, documents);
  const ShredResult two = columnar::shred_batch(plan, documents, keys, nullptr, 2, text);
  const std::string expected = printed(one), found = printed(two);
  if (expected != found) std::fprintf(stderr, "one thread:\n%s\ntwo threads:\n%s\n", expected.c_str(), found.c_str());
  require(expected == found, "two threads give what one does");
  return 0;
}
