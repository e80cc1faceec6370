// An element as XML of its own, as libxml2 writes it: the reference's `xml()`.
#pragma once

#include <string>
#include <string_view>

#include "namespaces.h"
#include "tag.h"

namespace columnar {

class XmlWriter {
 public:
  // The element itself declares the namespaces that it stands in: `bindings`, of which those of its depth are its own.
  void start_top(Tag& tag, const std::vector<Binding>& bindings);
  void start(std::string_view name, const std::vector<Binding>& bindings, uint32_t depth);
  void attribute(std::string_view name, std::string_view value);
  void text(std::string_view piece);
  void section() { close_tag(); }  // CDATA: a node, even if it is empty
  void comment(std::string_view inside);
  // has_data: whether a blank follows the target, even if nothing follows the blank.
  void instruction(std::string_view target, bool has_data, std::string_view data);
  void end(std::string_view name);

  const std::string& written() const { return written_; }

 private:
  void close_tag() {
    if (open_) written_ += '>';
    open_ = false;
  }
  void declare(const Binding& binding);

  std::string written_;
  bool open_ = false;  // the start tag has no `>` yet: nothing is in the element so far
};

}  // namespace columnar
