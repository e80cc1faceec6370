#include "xml_writer.h"

#include <algorithm>

namespace columnar {

namespace {

void escape_text(std::string_view text, std::string& to) {
  for (char c : text) {
    switch (c) {
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '&': to += "&amp;"; break;
      case '\r': to += "&#13;"; break;
      default: to += c;
    }
  }
}

void escape_value(std::string_view text, std::string& to) {
  for (char c : text) {
    switch (c) {
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '&': to += "&amp;"; break;
      case '"': to += "&quot;"; break;
      case '\n': to += "&#10;"; break;
      case '\t': to += "&#9;"; break;
      case '\r': to += "&#13;"; break;
      default: to += c;
    }
  }
}

}  // namespace

void XmlWriter::declare(const Binding& binding) {
  written_ += binding.prefix.empty() ? " xmlns" : " xmlns:";
  written_ += binding.prefix;
  written_ += "=\"";
  escape_value(binding.text, written_);
  written_ += '"';
}

void XmlWriter::start(std::string_view name, const std::vector<Binding>& bindings, uint32_t depth) {
  close_tag();
  written_ += '<';
  written_ += name;
  size_t first = bindings.size();
  while (first > 0 && bindings[first - 1].depth == depth) --first;
  for (size_t i = first; i < bindings.size(); ++i) declare(bindings[i]);
  open_ = true;
}

void XmlWriter::start_top(Tag& tag, const std::vector<Binding>& bindings) {
  start(tag.name, bindings, tag.depth);
  size_t own = bindings.size();
  while (own > 0 && bindings[own - 1].depth == tag.depth) --own;
  std::vector<std::string_view> declared;
  for (size_t i = own; i < bindings.size(); ++i) declared.push_back(bindings[i].prefix);
  const auto inherit = [&](const Binding& binding) {
    if (std::find(declared.begin(), declared.end(), binding.prefix) != declared.end()) return;
    declared.push_back(binding.prefix);
    declare(binding);
  };
  const auto inherit_prefix = [&](std::string_view prefix) {
    for (size_t i = own; i-- > 0;)
      if (bindings[i].prefix == prefix) return inherit(bindings[i]);
  };
  // Those that the element and its attributes are in come first, as a node is copied; then the others, from the inside
  // out, each in the order of its own start tag.
  if (tag.uri != NO_URI) inherit_prefix(tag.name.substr(0, tag.prefix_size));
  for (const Attribute& attribute : tag.attributes())
    if (attribute.prefix_size != 0) inherit_prefix(attribute.prefix());
  for (size_t last = own; last > 0;) {
    size_t first = last;
    while (first > 0 && bindings[first - 1].depth == bindings[last - 1].depth) --first;
    for (size_t i = first; i < last; ++i) inherit(bindings[i]);
    last = first;
  }
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
  written_ += ' ';
  written_ += name;
  written_ += "=\"";
  escape_value(value, written_);
  written_ += '"';
}

void XmlWriter::text(std::string_view piece) {
  if (piece.empty()) return;
  close_tag();
  escape_text(piece, written_);
}

void XmlWriter::comment(std::string_view inside) {
  close_tag();
  written_ += "<!--";
  written_ += inside;
  written_ += "-->";
}

void XmlWriter::instruction(std::string_view target, bool has_data, std::string_view data) {
  close_tag();
  written_ += "<?";
  written_ += target;
  if (has_data) {
    written_ += ' ';
    written_ += data;
  }
  written_ += "?>";
}

void XmlWriter::end(std::string_view name) {
  if (open_) {
    written_ += "/>";
    open_ = false;
    return;
  }
  written_ += "</";
  written_ += name;
  written_ += '>';
}

}  // namespace columnar
