#include "worker.h"

#include <algorithm>
#include <string_view>

#include "characters.h"
#include "whole_columns.h"
#include "wide.h"

namespace columnar {

namespace {

constexpr std::string_view UTF8_BOM = "\xEF\xBB\xBF";
constexpr size_t MOST_KEPT = 256 * 1024;  // bytes of the arena, while documents wait to be written
constexpr size_t MOST_DOCUMENT = 0x7FFFFFFF;  // sizes inside of a document fit 32 bits

// The reference converts these before it reads them.
bool is_utf16(std::string_view data, bool trusted) {
  if (data.starts_with("\xFF\xFE") || data.starts_with("\xFE\xFF")) return true;
  using namespace std::string_view_literals;
  return trusted && (data.starts_with("<\0?\0"sv) || data.starts_with("\0<\0?"sv));
}

bool is_space(char c) { return is_blank(c) || c == '\v' || c == '\f'; }

// Whether a document type declaration follows what may stand before it, however badly formed that is.
bool has_doctype(std::string_view data) {
  size_t at = 0;
  for (;;) {
    while (at < data.size() && is_blank(data[at])) ++at;
    const std::string_view left = data.substr(at);
    std::string_view ending;
    if (left.starts_with("<!--")) {
      ending = "-->";
    } else if (left.starts_with("<?")) {
      ending = "?>";
    } else {
      return left.starts_with("<!DOCTYPE");
    }
    const size_t end = left.find(ending, ending.size() == 3 ? 4 : 2);
    if (end == left.npos) return false;
    at += end + ending.size();
  }
}

}  // namespace

const char* name_of(Reason reason) {
  switch (reason) {
    case Reason::not_well_formed: return "not_well_formed";
    case Reason::truncated: return "truncated";
    case Reason::encoding: return "encoding";
    case Reason::wrong_root: return "wrong_root";
    case Reason::no_contract: return "no_contract";
    case Reason::empty: return "empty";
    case Reason::namespaces: return "namespace";
    case Reason::many_values: return "many_values";
  }
  return "not_well_formed";
}

Worker::Worker(const Plan& plan, const Keys& keys)
    : plan_(plan),
      keys_(keys),
      most_rows_(most_rows_of_whole(plan, keys)),
      namespaces_(plan),
      matcher_(plan, arena_, namespaces_),
      scanner_(plan, arena_, namespaces_, matcher_) {
  result_.extracts.resize(plan.extracts.size());
}

void Worker::shred(int64_t ordinal, const Document& document, uint64_t allowed, bool trusted) {
  try {
    read(ordinal, document, allowed, trusted);
  } catch (const Decline& decline) {
    matcher_.roll_back();
    result_.declined.push_back({ordinal, decline.why});
  }
  if (arena_.size() > MOST_KEPT) matcher_.write_waiting();
  if (!matcher_.waits()) arena_.clear();
}

void Worker::read(int64_t ordinal, const Document& document, uint64_t allowed, bool trusted) {
  const char* begin = document.data;
  const char* const end = begin + document.size;
  if (document.null) {
    result_.refused.push_back({ordinal, Reason::empty, 0, 0, 0, "NULL"});
    return;
  }
  const std::string_view data(begin, document.size);
  if (data.size() > plan_.limits.document_bytes || data.size() > MOST_DOCUMENT) {
    result_.declined.push_back({ordinal, "limit"});
    return;
  }
  if (is_utf16(data, trusted)) {
    result_.declined.push_back({ordinal, "encoding"});
    return;
  }
  const bool marked = data.starts_with(UTF8_BOM);
  if (marked) begin += UTF8_BOM.size();
  if (std::find_if_not(begin, end, is_space) == end) {
    result_.refused.push_back({ordinal, Reason::empty, 0, 0, 0, begin == end ? "no bytes" : "nothing but blanks"});
    return;
  }
  if (std::string_view(begin, static_cast<size_t>(end - begin)).starts_with(UTF8_BOM)) {
    result_.refused.push_back({ordinal, Reason::not_well_formed, 0, 1, 1, "a second byte order mark"});
    return;
  }
  matcher_.begin_document(begin, end, allowed);
  try {
    scanner_.read(begin, end, trusted && !marked);
    matcher_.end_document(ordinal);
    seal_large();
  } catch (const Fault& fault) {
    matcher_.roll_back();
    refuse(ordinal, document, begin, fault);
  }
}

// Says why a document is refused. The reference looks for some things before it reads a document at all.
void Worker::refuse(int64_t ordinal, const Document& document, const char* begin, const Fault& fault) {
  const char* const end = document.data + document.size;
  const std::string_view data(begin, static_cast<size_t>(end - begin));
  const Fault said = fault.at == nullptr ? fault : scanner_.verdict(fault);
  Refusal refusal{ordinal, said.reason, 0, said.line, 0, said.detail};
  const char* at = said.at;
  if (at != nullptr) {  // else the document was read to its end
    const size_t zero = data.find('\0');
    if (zero != data.npos) {
      refusal.reason = Reason::encoding;
      refusal.detail = "a NUL byte, which XML cannot contain";
      at = begin + zero;
    } else if (has_doctype(data)) {
      throw Decline{"doctype"};
    }
    const size_t line_begin = data.substr(0, static_cast<size_t>(at - begin)).rfind('\n') + 1;
    refusal.offset = at - document.data;
    refusal.line = widest().count_lines(begin, at) + 1;
    refusal.column = at - begin - static_cast<int64_t>(line_begin) + 1;
  }
  result_.refused.push_back(std::move(refusal));
}

void Worker::expect(double times) {
  matcher_.write_waiting();
  for (ExtractColumns& extract : matcher_.extracts()) extract.expect(times);
}

void Worker::seal_large() {
  std::vector<ExtractColumns>& extracts = matcher_.extracts();
  for (size_t i = 0; i < extracts.size(); ++i) {
    if (!extracts[i].is_large() && extracts[i].rows() <= most_rows_) continue;
    matcher_.write_waiting();
    result_.extracts[i].push_back(extracts[i].seal(keys_));
  }
}

ShredResult Worker::finish() {
  matcher_.write_waiting();
  std::vector<ExtractColumns>& extracts = matcher_.extracts();
  for (size_t i = 0; i < extracts.size(); ++i)
    if (extracts[i].rows() > 0) result_.extracts[i].push_back(extracts[i].seal(keys_));
  const std::vector<int64_t>& several = matcher_.several();
  for (uint32_t column = 0; column < several.size(); ++column) {
    if (several[column] == 0) continue;
    const uint32_t extract = plan_.columns[column].extract;
    const std::vector<uint32_t>& columns = plan_.extracts[extract].columns;
    const auto place = std::find(columns.begin(), columns.end(), column) - columns.begin();
    result_.several.push_back({extract, static_cast<uint32_t>(place), several[column]});
  }
  return std::move(result_);
}

}  // namespace columnar
