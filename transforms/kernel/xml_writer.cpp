#include "xml_writer.h"

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

void XmlWriter::start_top(std::string_view name, const std::vector<Binding>& bindings, uint32_t depth) {
  start(name, bindings, depth);
  // Those of the elements around it follow, from the inside out, each in the order of its own start tag.
  size_t last = bindings.size();
  while (last > 0 && bindings[last - 1].depth == depth) --last;
  while (last > 0) {
    size_t first = last;
    while (first > 0 && bindings[first - 1].depth == bindings[last - 1].depth) --first;
    for (size_t i = first; i < last; ++i) {
      bool hidden = false;
      for (size_t j = last; j < bindings.size(); ++j) hidden |= bindings[j].prefix == bindings[i].prefix;
      if (!hidden) declare(bindings[i]);
    }
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

void XmlWriter::instruction(std::string_view target, std::string_view data) {
  close_tag();
  written_ += "<?";
  written_ += target;
  if (!data.empty()) {
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
