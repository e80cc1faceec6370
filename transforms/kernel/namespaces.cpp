#include "namespaces.h"

#include "fault.h"

namespace columnar {

namespace {

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

size_t run_of(std::string_view text, size_t from, std::string_view others) {
  while (from < text.size() && (is_letter_or_digit(text[from]) || others.find(text[from]) != text.npos)) ++from;
  return from;
}

constexpr size_t MOST_BINDINGS = 512;
constexpr size_t MOST_FOREIGN = 256;

constexpr std::string_view IN_PATH = "-._~!$&'()*+,;=:@/";
constexpr std::string_view IN_HOST = "-._";

bool is_path_to_end(std::string_view text, size_t from) {
  from = run_of(text, from, IN_PATH);
  if (from < text.size() && text[from] == '?') from = run_of(text, from + 1, IN_PATH);
  if (from < text.size() && text[from] == '#') from = run_of(text, from + 1, IN_PATH);
  return from == text.size();
}

}  // namespace

bool is_plain_uri(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const size_t host = scheme.size();
    const size_t after = run_of(text, host, IN_HOST);
    if (after == host) return false;
    return after == text.size() || ((text[after] == '/' || text[after] == '?' || text[after] == '#') &&
                                    is_path_to_end(text, after));
  }
  if (text.starts_with("urn:")) return text.size() > 4 && text[4] != '/' && is_path_to_end(text, 4);
  return false;
}

void Namespaces::declare(std::string_view prefix, std::string_view text, uint32_t depth) {
  if (bindings_.size() >= MOST_BINDINGS || foreign_.size() >= MOST_FOREIGN) throw Decline{"limit"};
  const uint32_t uri = number_of(text);
  bindings_.push_back({prefix, text, uri, depth});
  if (prefix.empty()) default_ = uri;
}

uint32_t Namespaces::find(std::string_view prefix) const {
  for (size_t i = bindings_.size(); i-- > 0;)
    if (bindings_[i].prefix == prefix) return bindings_[i].uri;
  return prefix == "xml" ? xml_ : NONE;
}

std::string_view Namespaces::text_of(uint32_t uri) const {
  if (uri == NO_URI) return {};
  return uri <= plan_.uris.size() ? std::string_view(plan_.uris[uri - 1]) : foreign_[uri - 1 - plan_.uris.size()];
}

void Namespaces::forget(uint32_t depth) {
  while (!bindings_.empty() && bindings_.back().depth == depth) bindings_.pop_back();
  default_ = NO_URI;
  for (size_t i = bindings_.size(); i-- > 0;) {
    if (!bindings_[i].prefix.empty()) continue;
    default_ = bindings_[i].uri;
    break;
  }
}

uint32_t Namespaces::number_of(std::string_view text) {
  if (text.empty()) return NO_URI;
  uint32_t number = 1;
  for (const std::string& known : plan_.uris) {
    if (known == text) return number;
    ++number;
  }
  for (std::string_view known : foreign_) {
    if (known == text) return number;
    ++number;
  }
  foreign_.push_back(text);
  return number;
}

}  // namespace columnar
