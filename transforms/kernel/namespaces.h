// Which prefix stands for which namespace, from element to element.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "plan.h"

namespace columnar {

inline constexpr std::string_view XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view XMLNS_NAMESPACE = "http://www.w3.org/2000/xmlns/";

struct Binding {
  std::string_view prefix;  // empty: the default namespace
  std::string_view text;    // the namespace's name; empty: none
  uint32_t uri = NO_URI;
  uint32_t depth = 0;  // of the element that declares it
};

class Namespaces {
 public:
  explicit Namespaces(const Plan& plan) : plan_(plan), xml_(number_of(XML_NAMESPACE)) {}

  void clear() {
    bindings_.clear();
    foreign_.clear();
    default_ = NO_URI;
    xml_ = number_of(XML_NAMESPACE);
  }

  // The views must stay valid until the document ends. Throws Decline where there are very many: looking them up here
  // takes as long as there are namespaces.
  void declare(std::string_view prefix, std::string_view text, uint32_t depth);
  void leave(uint32_t depth) {
    if (!bindings_.empty() && bindings_.back().depth == depth) forget(depth);
  }

  uint32_t default_uri() const { return default_; }
  // The namespace of a prefix that is not empty; NONE: it is not declared.
  uint32_t find(std::string_view prefix) const;
  // The name behind a number.
  std::string_view text_of(uint32_t uri) const;
  // From the outermost element on.
  const std::vector<Binding>& bindings() const { return bindings_; }

 private:
  uint32_t number_of(std::string_view text);
  void forget(uint32_t depth);

  const Plan& plan_;
  std::vector<Binding> bindings_;
  std::vector<std::string_view> foreign_;  // namespaces that only this document knows
  uint32_t default_ = NO_URI;
  uint32_t xml_;
};

// Whether a namespace's name surely is a URI as libxml2 reads them; false: it may be one.
bool is_plain_uri(std::string_view text);

}  // namespace columnar
