#include "capsules.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace columnar {

namespace {

constexpr const char* kSchemaCapsule = "arrow_schema";
constexpr const char* kArrayCapsule = "arrow_array";

template <typename Structure>
Owned<Structure> take(PyObject* capsule, const char* name) {
  auto* structure = static_cast<Structure*>(PyCapsule_GetPointer(capsule, name));
  if (structure == nullptr) throw PythonError();
  if (structure->release == nullptr) {
    throw std::invalid_argument(std::string("the capsule ") + name + " was emptied before");
  }
  return Owned<Structure>(structure);
}

template <typename Structure>
void destroy(PyObject* capsule) {
  // Of a capsule with its right name this cannot fail.
  const char* name = PyCapsule_GetName(capsule);
  delete static_cast<Owned<Structure>*>(PyCapsule_GetPointer(capsule, name));
}

template <typename Structure>
Reference give(Owned<Structure>&& structure, const char* name) {
  // An Owned begins with its structure and holds nothing else, so its address is what readers of the capsule expect.
  static_assert(sizeof(Owned<Structure>) == sizeof(Structure));
  auto held = std::make_unique<Owned<Structure>>(std::move(structure));
  Reference capsule(PyCapsule_New(held.get(), name, destroy<Structure>));
  held.release();
  return capsule;
}

}  // namespace

TakenArray take_array(PyObject* pair) {
  if (PyTuple_Check(pair) == 0 || PyTuple_Size(pair) != 2) {
    PyErr_SetString(PyExc_TypeError, "an array is a pair of capsules, as __arrow_c_array__ returns them");
    throw PythonError();
  }
  TakenArray taken;
  taken.schema = take<ArrowSchema>(PyTuple_GetItem(pair, 0), kSchemaCapsule);
  taken.array = take<ArrowArray>(PyTuple_GetItem(pair, 1), kArrayCapsule);
  return taken;
}

Reference give_schema(Owned<ArrowSchema>&& schema) { return give(std::move(schema), kSchemaCapsule); }

Reference give_batch(Owned<ArrowArray>&& array) {
  const Reference capsule = give(std::move(array), kArrayCapsule);
  const Reference address(PyLong_FromVoidPtr(PyCapsule_GetPointer(capsule.get(), kArrayCapsule)));
  return new_tuple(capsule, address);
}

}  // namespace columnar
