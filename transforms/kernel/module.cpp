// transforms._kernel: what Python sees of the kernel. Only Python's limited API, so one build serves 3.11 and later.
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "batch.h"
#include "capsules.h"
#include "input.h"
#include "kept_memory.h"
#include "output.h"
#include "output_columns.h"
#include "plan.h"
#include "python_objects.h"
#include "wide.h"

namespace columnar {

namespace {

constexpr const char* kPlanCapsule = "transforms._kernel.plan";

void destroy_plan(PyObject* capsule) { delete static_cast<Plan*>(PyCapsule_GetPointer(capsule, kPlanCapsule)); }

Reference compile_plan(PyObject* argument) {
  const Bytes bytes(argument);
  std::unique_ptr<Plan> plan = read_plan(bytes.view());
  Reference capsule(PyCapsule_New(plan.get(), kPlanCapsule, destroy_plan));
  plan.release();
  return capsule;
}

// One array a chunk.
std::vector<TakenArray> take_arrays(PyObject* chunks) {
  const Py_ssize_t count = PySequence_Size(chunks);
  if (count < 0) throw PythonError();
  std::vector<TakenArray> taken;
  taken.reserve(static_cast<size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    const Reference pair(PySequence_GetItem(chunks, i));
    taken.push_back(take_array(pair.get()));
  }
  return taken;
}

Keys read_keys(const std::vector<TakenArray>& arrays, size_t count, size_t documents) {
  if (arrays.size() != count) {
    throw std::invalid_argument("there are " + std::to_string(arrays.size()) + " keys; the plan has " +
                                std::to_string(count));
  }
  Keys keys(count);
  for (size_t i = 0; i < count; ++i) {
    append_documents(*arrays[i].schema, *arrays[i].array, keys[i]);
    if (keys[i].size() != documents) {
      throw std::invalid_argument("a key has " + std::to_string(keys[i].size()) + " values for " +
                                  std::to_string(documents) + " documents");
    }
  }
  return keys;
}

// The bits of each document; empty: all routes are open to all.
std::vector<uint64_t> read_routes(PyObject* routes, size_t documents) {
  if (routes == Py_None) return {};
  const Bytes bytes(routes);
  if (bytes.view().size() != documents * sizeof(uint64_t)) {
    throw std::invalid_argument("routes hold " + std::to_string(bytes.view().size()) + " bytes; 8 a document were" +
                                " expected, for " + std::to_string(documents));
  }
  std::vector<uint64_t> read(documents);
  if (documents != 0) std::memcpy(read.data(), bytes.view().data(), bytes.view().size());
  return read;
}

Reference extracts_of(ShredResult& result) {
  Reference extracts = new_list();
  for (std::vector<RecordBatch>& batches : result.extracts) {
    const Reference given = new_list();
    for (RecordBatch& batch : batches) append(given, give_batch(export_batch(std::move(batch))));
    append(extracts, given);
  }
  return extracts;
}

Reference refused_of(const ShredResult& result) {
  Reference refused = new_list();
  for (const Refusal& each : result.refused) {
    append(refused, new_tuple(integer(each.document), text(name_of(each.reason)), integer(each.offset),
                              integer(each.line), integer(each.column), text(each.detail)));
  }
  return refused;
}

Reference declined_of(const ShredResult& result) {
  Reference declined = new_list();
  for (const Declined& each : result.declined) append(declined, new_tuple(integer(each.document), text(each.why)));
  return declined;
}

Reference several_of(const ShredResult& result) {
  Reference several = new_list();
  for (const Several& each : result.several) {
    append(several, new_tuple(integer(each.extract), integer(each.column), integer(each.cells)));
  }
  return several;
}

const Plan& plan_of(PyObject* capsule) {
  const auto* plan = static_cast<const Plan*>(PyCapsule_GetPointer(capsule, kPlanCapsule));
  if (plan == nullptr) throw PythonError();
  return *plan;
}

Reference schemas(PyObject* plan_capsule) {
  const Plan& plan = plan_of(plan_capsule);
  Reference given = new_list();
  for (uint32_t extract = 0; extract < plan.extracts.size(); ++extract)
    append(given, give_schema(export_schema(ExtractColumns(plan, extract).seal({}))));
  return given;
}

Reference shred(PyObject* arguments) {
  PyObject* plan_capsule = nullptr;
  PyObject* chunks = nullptr;
  PyObject* routes_object = nullptr;
  PyObject* key_arrays = nullptr;
  int threads = 0;
  int is_text = 0;
  if (PyArg_ParseTuple(arguments, "OOOipO:shred", &plan_capsule, &chunks, &routes_object, &threads, &is_text,
                       &key_arrays) == 0) {
    throw PythonError();
  }
  const Plan& plan = plan_of(plan_capsule);
  if (threads < 1) throw std::invalid_argument("threads is " + std::to_string(threads) + "; at least 1 was expected");

  // The arrays live until the documents in them are shredded; the plan lives because the caller holds the arguments.
  const std::vector<TakenArray> taken = take_arrays(chunks);
  std::vector<Document> documents;
  for (const TakenArray& each : taken) append_documents(*each.schema, *each.array, documents);
  const std::vector<TakenArray> taken_keys = take_arrays(key_arrays);
  const Keys keys = read_keys(taken_keys, plan.keys, documents.size());
  const std::vector<uint64_t> routes = read_routes(routes_object, documents.size());
  ShredResult result;
  {
    const LockReleased unlocked;
    result = shred_batch(plan, documents, keys, routes_object == Py_None ? nullptr : routes.data(),
                         static_cast<unsigned>(threads), is_text != 0);
  }
  return new_tuple(extracts_of(result), refused_of(result), declined_of(result), several_of(result));
}

Reference build_info() {
  Reference info(PyDict_New());
  const auto set = [&info](const char* key, const char* value) {
    if (PyDict_SetItemString(info.get(), key, text(value).get()) != 0) throw PythonError();
  };
  set("version", COLUMNAR_VERSION);
  set("compiler", COLUMNAR_COMPILER);
  set("simd", widest().name);
  set("abi", "cp311-abi3");
  set("plan", PLAN_FORMAT);
  return info;
}

Reference set_kept(PyObject* bytes) {
  const Py_ssize_t most = PyLong_AsSsize_t(bytes);
  if (most == -1 && PyErr_Occurred() != nullptr) throw PythonError();
  if (most < 0) throw std::invalid_argument(std::to_string(most) + " bytes cannot be kept");
  keep_at_most(static_cast<size_t>(most));
  return none();
}

Reference kept() {
  const KeptMemory kept = kept_memory();
  return new_tuple(integer(static_cast<int64_t>(kept.bytes)), integer(static_cast<int64_t>(kept.most)));
}

// Runs what may throw, and tells Python of it: no C++ exception goes further than here.
template <typename Call>
PyObject* guarded(Call call) noexcept {
  try {
    return call().give();
  } catch (const PythonError&) {
    // Set already.
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::invalid_argument& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "the kernel failed without saying why");
  }
  return nullptr;
}

extern "C" {

PyObject* kernel_compile(PyObject*, PyObject* plan) {
  return guarded([plan] { return compile_plan(plan); });
}

PyObject* kernel_schemas(PyObject*, PyObject* plan) {
  return guarded([plan] { return schemas(plan); });
}

PyObject* kernel_shred(PyObject*, PyObject* arguments) {
  return guarded([arguments] { return shred(arguments); });
}

PyObject* kernel_build_info(PyObject*, PyObject*) { return guarded(build_info); }

PyObject* kernel_keep_at_most(PyObject*, PyObject* bytes) {
  return guarded([bytes] { return set_kept(bytes); });
}

PyObject* kernel_give_back(PyObject*, PyObject*) {
  return guarded([] {
    give_back_kept();
    return none();
  });
}

PyObject* kernel_kept(PyObject*, PyObject*) { return guarded(kept); }

}  // extern "C"

PyMethodDef kMethods[] = {
    {"compile", kernel_compile, METH_O,
     "compile(plan: bytes) -> capsule\n\nThe plan as shred() takes it. ValueError: these bytes are none."},
    {"schemas", kernel_schemas, METH_O,
     "schemas(plan) -> list[capsule]\n\nOf each extract the schema of its record batches."},
    {"shred", kernel_shred, METH_VARARGS,
     "shred(plan, arrays, routes, threads, text, keys) -> (extracts, refused, declined, several)\n\n"
     "Shreds the documents of all arrays with Python's lock released. See transforms/_kernel.pyi."},
    {"build_info", kernel_build_info, METH_NOARGS,
     "build_info() -> dict[str, str]\n\nHow this module was built: version, compiler, simd, abi, plan."},
    {"keep_at_most", kernel_keep_at_most, METH_O,
     "keep_at_most(bytes: int) -> None\n\nThe bound of the freed memory that is kept for the batches to come."},
    {"give_back", kernel_give_back, METH_NOARGS,
     "give_back() -> None\n\nGives the memory that is kept back to the system."},
    {"kept", kernel_kept, METH_NOARGS, "kept() -> (bytes, most)\n\nHow much is kept, and the bound."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef_Slot kSlots[] = {{0, nullptr}};

PyModuleDef kModule = {PyModuleDef_HEAD_INIT,
                       "transforms._kernel",
                       "The native shredder: XML documents to Arrow arrays.",
                       0,
                       kMethods,
                       kSlots,
                       nullptr,
                       nullptr,
                       nullptr};

}  // namespace

}  // namespace columnar

PyMODINIT_FUNC PyInit__kernel() { return PyModuleDef_Init(&columnar::kModule); }
