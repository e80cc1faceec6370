// Rows and the frames of their scopes: opened, related to each other, and written.

#include <algorithm>

#include "fault.h"
#include "matcher.h"

namespace columnar {

namespace {

// So many cells wait to be written before those are written that can be: then columns are written in long runs, and
// one document of any length takes no more memory than this.
constexpr size_t MOST_PENDING = 64 * 1024;

// So many, or so many rows, of documents that ended well are written before another begins: they and what they refer to
// are then still at hand.
constexpr size_t ENOUGH = 8 * 1024;

// So much may what waits add to a column, so that it always fits: columns are sealed long before they are full.
constexpr size_t MOST_WAITING_BYTES = 64 * 1024 * 1024;

}  // namespace

uint32_t Matcher::new_frame(uint32_t scope) {
  Stack<Cell>& cells = frames_[scope].cells;
  const size_t width = plan_.scopes[scope].width;
  const size_t base = cells.size();
  if (base + width >= NONE) throw Decline{"limit"};
  cells.extend(width);
  pending_cells_ += width;
  return static_cast<uint32_t>(base);
}

void Matcher::open_frame(uint32_t scope, Tag& tag) {
  const uint32_t base = new_frame(scope);
  frames_[scope].open.push({depth(), base, 0});
  opened_frames_.push(scope);
  enter(plan_.scopes[scope].branch, base, NONE, tag);
}

void Matcher::open_row(uint32_t extract, uint32_t decision, Tag& tag) {
  Rows& rows = rows_[extract];
  if (rows.all.size() >= MOST_BYTES / 2) throw Decline{"limit"};
  Row row;
  row.line = line_of(tag.end);
  row.decision = decision;
  doubts_rows_ |= decision != NONE;
  opened_rows_.push({extract, static_cast<uint32_t>(rows.all.size())});
  rows.all.push_back(row);
  for (uint32_t scope : plan_.extracts[extract].scopes) {
    if (plan_.scopes[scope].reach != Reach::row) {
      frames_[scope].row_frames.push_back(frame_of_row(scope));
      continue;
    }
    frames_[scope].row_frames.push_back(static_cast<uint32_t>(frames_[scope].cells.size()));
    open_frame(scope, tag);
  }
}

uint32_t Matcher::frame_of_row(uint32_t number) {
  const Scope& scope = plan_.scopes[number];
  Stack<Frames::Open>& open = frames_[number].open;
  if (scope.reach == Reach::document) return frames_[number].first;
  if (scope.reach == Reach::nowhere) return NONE;
  for (size_t i = open.size(); i-- > 0;) {
    if (open[i].depth >= depth()) continue;
    if (scope.reach == Reach::parents) {
      if (open[i].depth + scope.levels > depth()) continue;
      if (open[i].depth + scope.levels < depth()) return NONE;
    }
    ++open[i].rows;
    return open[i].base;
  }
  return NONE;
}

// Every row of an element that just began finds the rows around it: of its own extract, and of the parent.
void Matcher::link_rows() {
  const size_t first = element().rows;
  for (size_t i = first; i < opened_rows_.size(); ++i) {
    const auto [extract, number] = opened_rows_[i];
    Row& row = rows_[extract].all[number];
    if (!rows_[extract].open.empty()) row.outer = rows_[extract].open.back();
    const uint32_t parent = plan_.extracts[extract].parent;
    if (parent == NONE) continue;
    if (!rows_[parent].open.empty()) row.parent = rows_[parent].open.back();
    for (size_t j = first; j < opened_rows_.size(); ++j)
      if (opened_rows_[j].extract == parent) row.own = opened_rows_[j].row;
  }
  for (size_t i = first; i < opened_rows_.size(); ++i)
    if (plan_.extracts[opened_rows_[i].extract].is_parent)
      rows_[opened_rows_[i].extract].open.push_back(opened_rows_[i].row);
}

void Matcher::close_frames() {
  const size_t first = element().frames;
  for (size_t i = opened_frames_.size(); i-- > first;) {
    const uint32_t scope = opened_frames_[i];
    Frames& frames = frames_[scope];
    const Frames::Open closed = frames.open.back();
    frames.open.pop();
    const bool around_rows = plan_.scopes[scope].reach != Reach::row;
    const size_t width = plan_.scopes[scope].width;
    if (around_rows && closed.rows == 0 && closed.base + width == frames.cells.size()) {
      frames.cells.shorten(closed.base);
      pending_cells_ -= width;
    }
    if (pending_cells_ > MOST_PENDING && frames.open.empty() && may_flush(scope)) flush(scope);
  }
  opened_frames_.shorten(first);
}

bool Matcher::may_flush(uint32_t scope) const {
  const Frames& frames = frames_[scope];
  const std::vector<Row>& rows = rows_[plan_.scopes[scope].extract].all;
  const size_t count = frames.row_frames.size() - frames.accepted;
  for (size_t i = 0; i < count; ++i)
    if (rows[frames.written + i].decision != NONE) return false;
  return count != 0;
}

// What a document that is at its end can add to a column, at most: a value is a part of it or of the arena.
size_t Matcher::most_bytes() const {
  size_t rows = 0;
  for (const Rows& each : rows_) rows += each.all.size();
  size_t values = size_ + arena_.size();
  for (size_t i = entries_before_; i < entries_.size(); ++i) values += entries_[i].size + longest_separator_;
  return values > MOST_WAITING_BYTES ? values : values * std::min(rows, MOST_WAITING_BYTES);
}

// Whether the cells of a document that is at its end may wait until others are written as well.
bool Matcher::may_wait(size_t bytes) {
  if (writes_ || bytes > MOST_WAITING_BYTES) return false;
  if (!decisions_.empty()) settle_cells();
  for (const auto [scope, column] : single_) {
    const Frames& frames = frames_[scope];
    for (size_t i = frames.accepted; i < frames.row_frames.size(); ++i) {
      const uint32_t base = frames.row_frames[i];
      if (base != NONE && frames.cells[base + column->slot].count > 1) return false;
    }
  }
  return true;
}

// Settles what cells have met in this document, in all rows that wait.
void Matcher::settle_cells() {
  for (const auto [scope, column] : keeping_) {
    Frames& frames = frames_[scope];
    for (size_t i = frames.accepted; i < frames.row_frames.size(); ++i)
      if (frames.row_frames[i] != NONE) settle_values(*column, frames.cells[frames.row_frames[i] + column->slot]);
  }
}

// The document ended well: its rows that count wait. bytes: what they can add to a column.
void Matcher::wait(size_t bytes) {
  for (uint32_t scope = 0; scope < frames_.size(); ++scope) {
    Frames& frames = frames_[scope];
    std::vector<uint32_t>& all = frames.row_frames;
    if (all.size() == frames.accepted) continue;
    if (doubts_rows_) {
      find_waiting(plan_.scopes[scope], frames);
      std::copy_n(waiting_.frames, waiting_.count, all.begin() + static_cast<std::ptrdiff_t>(frames.accepted));
      all.resize(frames.accepted + waiting_.count);
    }
    rows_waiting_ += all.size() - frames.accepted;
    frames.accepted = all.size();
  }
  bytes_waiting_ += bytes;
  if (pending_cells_ > ENOUGH || entries_.size() > ENOUGH || rows_waiting_ > ENOUGH || bytes_waiting_ > MOST_WAITING_BYTES)
    write_waiting();
}

void Matcher::write_waiting() {
  write_accepted();
  forget_cells();
}

// Writes the rows of documents that ended well. Cells of the document that is open may be among theirs.
void Matcher::write_accepted() {
  for (uint32_t scope = 0; scope < frames_.size() && rows_waiting_ != 0; ++scope) {
    Frames& frames = frames_[scope];
    if (frames.accepted == 0) continue;
    waiting_ = {frames.accepted, frames.row_frames.data(), nullptr};
    write_columns(scope);
    frames.row_frames.erase(frames.row_frames.begin(),
                            frames.row_frames.begin() + static_cast<std::ptrdiff_t>(frames.accepted));
    frames.accepted = 0;
  }
  rows_waiting_ = bytes_waiting_ = 0;
  count_several();
}

// Before anything of a document is written, so are those before it.
void Matcher::begin_writing() {
  if (writes_) return;
  write_accepted();
  writes_ = true;
}

void Matcher::forget_cells() {
  for (Frames& frames : frames_) {
    frames.cells.clear();
    frames.row_frames.clear();
  }
  entries_.clear();
  pending_cells_ = 0;
}

void Matcher::count_several() {
  for (uint32_t column : several_columns_) {
    several_[column] += several_here_[column];
    several_here_[column] = 0;
  }
  several_columns_.clear();
}

// Writes the cells of all rows that wait in a scope, of the document that is open.
void Matcher::flush(uint32_t number) {
  begin_writing();
  const Scope& scope = plan_.scopes[number];
  Frames& frames = frames_[number];
  find_waiting(scope, frames);
  write_columns(number);
  frames.written += frames.row_frames.size();
  frames.row_frames.clear();
  if (scope.reach == Reach::document) return;
  pending_cells_ -= frames.cells.size();
  frames.cells.clear();
}

// Column by column.
void Matcher::write_columns(uint32_t scope) {
  ExtractColumns& extract = extracts_[plan_.scopes[scope].extract];
  for (const Written& column : written_[scope]) {
    if (column.text == nullptr) {
      write_other(column, frames_[scope], extract);
    } else {
      write_text(column, frames_[scope]);
      extract.look_at(column.text->bytes());
    }
  }
}

// Finds the rows that count among those of the document that wait in a scope: all of them, where none is in doubt.
void Matcher::find_waiting(const Scope& scope, const Frames& frames) {
  const size_t count = frames.row_frames.size() - frames.accepted;
  const uint32_t* const bases = frames.row_frames.data() + frames.accepted;
  if (!doubts_rows_) {
    waiting_ = {count, bases, nullptr};
    return;
  }
  const std::vector<Row>& rows = rows_[scope.extract].all;
  waiting_rows_.clear();
  waiting_frames_.clear();
  for (size_t i = 0; i < count; ++i) {
    if (!decisions_.holds(rows[frames.written + i].decision)) continue;
    waiting_rows_.push_back(static_cast<uint32_t>(i));
    waiting_frames_.push_back(bases[i]);
  }
  waiting_ = {waiting_rows_.size(), waiting_frames_.data(), waiting_rows_.data()};
}

void Matcher::write_text(const Written& column, Frames& frames) {
  // of the first frame; there may be none, where all rows are without one
  Cell* const cells = frames.cells.data() + (frames.cells.empty() ? 0 : column.slot);
  const uint32_t* const bases = waiting_.frames;
  const auto cell_at = [&](size_t at) -> TextCell {
    const uint32_t base = bases[at];
    if (base == NONE) [[unlikely]] return {};
    return text_of(column, cells[base], at);
  };
  const auto settled = [&](size_t at) -> TextCell {
    Cell& cell = cells[bases[at]];
    settle_value(cell);
    return {cell.data, cell.size};
  };
  if (!column.text->append_cells(waiting_.count, cell_at, settled)) throw Decline{"limit"};
}

void Matcher::write_other(const Written& column, Frames& frames, ExtractColumns& extract) {
  if (column.typed != nullptr) {
    write_typed(column, frames);
    extract.look_at(column.typed->bytes());
  } else {
    write_values(*column.plan, frames, *column.builder);
    extract.look_at(*column.builder);
  }
}

void Matcher::write_typed(const Written& column, Frames& frames) {
  TypedBuilder& builder = *column.typed;
  for (size_t at = 0; at < waiting_.count; ++at) {
    const Cell cell = waiting_cell(column.slot, frames, at);
    if (cell.count > 1) note_several(*column.plan, cell.count, at);
    if (cell.data == nullptr) {
      builder.append_null();
    } else if (!builder.append({cell.data, cell.size})) {
      throw Decline{"limit"};
    }
  }
}

Cell Matcher::waiting_cell(uint32_t slot, Frames& frames, size_t at) {
  const uint32_t base = waiting_.frames[at];
  if (base == NONE) return {};
  Cell& cell = frames.cells[base + slot];
  settle_value(cell);
  return cell;
}

// Cells of all the values that were met: those of elements that count in the end.
void Matcher::write_values(const PlanColumn& column, Frames& frames, ColumnBuilder& builder) {
  for (size_t at = 0; at < waiting_.count; ++at) {
    const uint32_t base = waiting_.frames[at];
    values_.clear();
    if (base != NONE) {
      Cell& cell = frames.cells[base + column.slot];
      settle_values(column, cell);
      if (cell.count > 1 && column.many != Many::list) note_several(column, cell.count, at);
      for (uint32_t entry = cell.count == 0 ? NONE : cell.entries.first; entry != NONE; entry = entries_[entry].next)
        values_.push_back({entries_[entry].data, entries_[entry].size});
    }
    if (!write_value(column, builder)) throw Decline{"limit"};
  }
}

// Leaves a cell with the entries of elements that count, or with the one that it takes of them, and with their number.
// Rows may share a cell: only the first of them has to look through all that it met.
void Matcher::settle_values(const PlanColumn& column, Cell& cell) {
  if (cell.count == 0 || cell.size == Cell::SETTLED) return;
  uint32_t first = NONE, last = NONE, count = 0;
  for (uint32_t at = cell.entries.first; at != NONE; at = entries_[at].next) {
    if (!decisions_.holds(entries_[at].decision)) continue;
    (last == NONE ? first : entries_[last].next) = at;
    last = at;
    ++count;
  }
  if (column.many == Many::last) first = last;
  if (column.many != Many::list && column.many != Many::join) last = first;
  if (last != NONE) entries_[last].next = NONE;
  cell.entries = {first, last};
  cell.count = count;
  cell.size = Cell::SETTLED;
}

// One cell of `values_`; false: the column would grow too large.
bool Matcher::write_value(const PlanColumn& column, ColumnBuilder& builder) {
  const bool any = !values_.empty();
  if (auto* list = std::get_if<ListBuilder>(&builder)) {
    for (std::string_view value : values_)
      if (!list->append_item(value)) return false;
    list->end_row(any);
    return true;
  }
  if (auto* typed = std::get_if<TypedBuilder>(&builder)) {
    if (any) return typed->append(column.many == Many::last ? values_.back() : values_.front());
    typed->append_null();
    return true;
  }
  auto& text = std::get<TextBuilder>(builder);
  if (column.many == Many::join) {
    for (size_t i = 0; i < values_.size(); ++i)
      if ((i > 0 && !text.append_part(column.separator)) || !text.append_part(values_[i])) return false;
    text.end_row(any);
    return true;
  }
  if (any) return text.append(column.many == Many::last ? values_.back() : values_.front());
  text.append_null();
  return true;
}

void Matcher::note_several(const PlanColumn& column, uint32_t count, size_t waiting) {
  const auto place = static_cast<uint32_t>(&column - plan_.columns.data());
  if (several_here_[place]++ == 0) several_columns_.push_back(place);
  if (column.many != Many::error || !refusal_.empty()) return;
  refusal_ = plan_.extracts[column.extract].name + "." + column.name + ": " + std::to_string(count) + " values for " +
             column.source;
  const size_t row = waiting_.rows == nullptr ? waiting : waiting_.rows[waiting];
  refusal_line_ = rows_[column.extract].all[frames_[column.scope].written + row].line;
}

// Numbers the rows of an extract that count, and writes where they are from. Parents come before their children.
void Matcher::number_rows(uint32_t number, int64_t document) {
  const Extract& extract = plan_.extracts[number];
  std::vector<Row>& rows = rows_[number].all;
  std::vector<Row>* parents = extract.parent == NONE ? nullptr : &rows_[extract.parent].all;
  int32_t count = 0, without = 0;
  for (Row& row : rows) {
    if (!decisions_.holds(row.decision)) continue;
    row.number = static_cast<uint32_t>(count);
    int32_t parent = -1, position = count + 1;
    if (parents != nullptr) {
      uint32_t at = row.parent;
      while (at != NONE && (*parents)[at].number == NONE) at = (*parents)[at].outer;
      if (at == NONE && row.own != NONE && (*parents)[row.own].number != NONE) at = row.own;
      if (at == NONE) {
        position = ++without;
      } else {
        Row& above = (*parents)[at];
        if (above.counted != number) above.below = 0;
        above.counted = number;
        position = ++above.below;
        parent = static_cast<int32_t>(above.number);
      }
    }
    extracts_[number].append_row(document, count, parent, position, row.line);
    ++count;
  }
}

}  // namespace columnar
