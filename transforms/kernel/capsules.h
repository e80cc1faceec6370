// Arrow's structures in Python's capsules, as the Arrow PyCapsule interface names them.
// https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
#pragma once

#include "arrow_abi.h"
#include "output.h"
#include "python_objects.h"

namespace columnar {

// One array of another program, taken out of its capsules: they are empty afterwards. Destroying it releases the array,
// which may run Python code of the producer: Python's lock has to be held, and an exception that is set stays set.
struct TakenArray {
  Owned<ArrowSchema> schema;
  Owned<ArrowArray> array;

  TakenArray() = default;
  TakenArray(TakenArray&&) noexcept = default;
  TakenArray(const TakenArray&) = delete;
  TakenArray& operator=(TakenArray&&) = delete;
  TakenArray& operator=(const TakenArray&) = delete;
  ~TakenArray() {
    const ExceptionKept kept;
    array = {};
    schema = {};
  }
};

// pair: (schema capsule, array capsule), as `__arrow_c_array__` returns them. Throws PythonError for anything else
// (TypeError, ValueError), and std::invalid_argument for capsules that were emptied before.
TakenArray take_array(PyObject* pair);

// A new capsule. Throws PythonError.
Reference give_schema(Owned<ArrowSchema>&& schema);

// A new (capsule, address): of the array in it, which is released with the capsule if no reader took it out. Throws
// PythonError.
Reference give_batch(Owned<ArrowArray>&& array);

}  // namespace columnar
