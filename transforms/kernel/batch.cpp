#include "batch.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <thread>

#include "worker.h"

namespace columnar {

namespace {

// Waited for when they go out of scope. (std::jthread is not everywhere yet.)
struct Threads {
  std::vector<std::thread> running;
  ~Threads() {
    for (std::thread& thread : running) thread.join();
  }
};

// Where each of `parts` runs of documents ends, so that all have about the same number of bytes.
std::vector<size_t> split_by_bytes(const std::vector<Document>& documents, unsigned parts) {
  constexpr size_t PER_DOCUMENT = 2048;     // about what a document costs whatever its size, in bytes of a large one
  constexpr size_t PER_THREAD = 320 * 1024;  // and what it costs to start a thread: the first run is by the caller's
  size_t total = 0;
  for (const Document& document : documents) total += document.size + PER_DOCUMENT;
  const size_t start = std::min(PER_THREAD, total / 16);
  total += (parts - 1) * start;
  std::vector<size_t> ends;
  size_t so_far = 0;
  for (size_t i = 0; i < documents.size(); ++i) {
    so_far += documents[i].size + PER_DOCUMENT;
    // a run ends where its share of the bytes is reached
    while (ends.size() + 1 < parts && so_far >= total / parts * (ends.size() + 1)) {
      ends.push_back(i + 1);
      so_far += start;
    }
  }
  while (ends.size() < parts) ends.push_back(documents.size());
  return ends;
}

// After so manieth of a run's bytes its columns get room for all that is to come, if that is like what has come. Columns
// that grow step by step are copied on the way, and most of what a copy costs is memory that was never touched before:
// together it was 5 to 12 % of the time.
constexpr size_t SAMPLE = 16;
constexpr double MARGIN = 1.04;

ShredResult shred_run(const Plan& plan, const std::vector<Document>& documents, const Keys& keys, size_t begin,
                      size_t end, const uint64_t* routes, bool trusted) {
  // It is large: of a new thread's stack, each of its pages would be one that was never touched before.
  const auto worker = std::make_unique<Worker>(plan, keys);
  size_t total = 0, done = 0;
  for (size_t i = begin; i < end; ++i) total += documents[i].size;
  bool expects = false;
  for (size_t i = begin; i < end; ++i) {
    if (!expects && done > total / SAMPLE) {
      worker->expect(MARGIN * static_cast<double>(total) / static_cast<double>(done));
      expects = true;
    }
    worker->shred(static_cast<int64_t>(i), documents[i], routes == nullptr ? ~uint64_t{0} : routes[i], trusted);
    done += documents[i].size;
  }
  return worker->finish();
}

template <typename T>
void move_to_end(std::vector<T>& from, std::vector<T>& to) {
  for (T& each : from) to.push_back(std::move(each));
}

void append(ShredResult& result, ShredResult more) {
  for (size_t i = 0; i < more.extracts.size(); ++i) move_to_end(more.extracts[i], result.extracts[i]);
  move_to_end(more.refused, result.refused);
  move_to_end(more.declined, result.declined);
  for (const Several& each : more.several) {
    bool known = false;
    for (Several& other : result.several) {
      if (other.extract != each.extract || other.column != each.column) continue;
      other.cells += each.cells;
      known = true;
    }
    if (!known) result.several.push_back(each);
  }
}

}  // namespace

ShredResult shred_batch(const Plan& plan, const std::vector<Document>& documents, const Keys& keys,
                        const uint64_t* routes, unsigned threads, bool text) {
  const bool trusted = !text;
  if (threads > documents.size()) threads = static_cast<unsigned>(documents.size());
  if (threads <= 1) return shred_run(plan, documents, keys, 0, documents.size(), routes, trusted);
  const std::vector<size_t> ends = split_by_bytes(documents, threads);
  std::vector<ShredResult> results(threads);
  std::vector<std::exception_ptr> errors(threads);
  const auto run = [&](unsigned part) {
    try {
      results[part] = shred_run(plan, documents, keys, part == 0 ? 0 : ends[part - 1], ends[part], routes, trusted);
    } catch (...) {
      errors[part] = std::current_exception();
    }
  };
  {
    Threads others;
    for (unsigned part = 1; part < threads; ++part) others.running.emplace_back(run, part);
    run(0);
  }  // here the others are waited for
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  ShredResult result = std::move(results[0]);
  for (unsigned part = 1; part < threads; ++part) append(result, std::move(results[part]));
  return result;
}

}  // namespace columnar
