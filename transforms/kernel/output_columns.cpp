#include "output_columns.h"

#include "whole_columns.h"

namespace columnar {

namespace {

ColumnBuilder builder_of(const PlanColumn& column) {
  if (column.many == Many::list) return ListBuilder();
  if (column.type.typed()) return TypedBuilder(column.type);
  return TextBuilder();
}

}  // namespace

ExtractColumns::ExtractColumns(const Plan& plan, uint32_t extract) : plan_(plan), extract_(plan.extracts[extract]) {
  for (uint32_t column : extract_.columns) columns_.push_back(builder_of(plan.columns[column]));
}

void ExtractColumns::append_row(int64_t document, int32_t row, int32_t parent, int32_t position, int32_t line) {
  documents_.append(document);
  rows_.append(row);
  parent < 0 ? parents_.append_null() : parents_.append(parent);
  positions_.append(position);
  lines_.append(line);
}

void ExtractColumns::truncate(int64_t rows) {
  if (documents_.length() > rows) {
    documents_.truncate(rows);
    for (auto* numbers : {&rows_, &parents_, &positions_, &lines_}) numbers->truncate(rows);
  }
  // also where there are no more rows: a column may have begun with one, and a part of it found no room
  for (ColumnBuilder& column : columns_) std::visit([rows](auto& builder) { builder.truncate(rows); }, column);
}

void ExtractColumns::expect(double times) {
  documents_.expect(times);
  for (auto* numbers : {&rows_, &parents_, &positions_, &lines_}) numbers->expect(times);
  for (ColumnBuilder& column : columns_) std::visit([times](auto& builder) { builder.expect(times); }, column);
}

RecordBatch ExtractColumns::seal(const Keys& keys) {
  RecordBatch batch;
  is_large_ = false;
  batch.rows = documents_.length();
  batch.columns.push_back(documents_.finish("_document", "l", false));
  batch.columns.push_back(rows_.finish("_row", "i", false));
  batch.columns.push_back(parents_.finish("_parent", "i", true));
  batch.columns.push_back(positions_.finish("_position", "i", false));
  batch.columns.push_back(lines_.finish("_line", "i", false));
  auto whole = extract_.whole.begin();
  const auto write_whole_until = [&](size_t before) {
    for (; whole != extract_.whole.end() && whole->before <= before; ++whole)
      batch.columns.push_back(write_whole(*whole, batch, keys));
  };
  for (size_t i = 0; i < columns_.size(); ++i) {
    write_whole_until(i);
    const std::string& name = plan_.columns[extract_.columns[i]].name;
    if (auto* typed = std::get_if<TypedBuilder>(&columns_[i])) {
      typed->finish(name, batch.columns);
    } else if (auto* list = std::get_if<ListBuilder>(&columns_[i])) {
      batch.columns.push_back(list->finish(name));
    } else {
      batch.columns.push_back(std::get<TextBuilder>(columns_[i]).finish(name));
    }
  }
  write_whole_until(columns_.size());
  return batch;
}

}  // namespace columnar
