// Python objects and its lock as C++ owns them.
#pragma once

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace columnar {

// Thrown where a Python exception is set already.
struct PythonError {};

// One reference to a Python object, given back at the end. Of a null pointer, what a call of Python's returns after
// it failed, none is made: PythonError is thrown.
class Reference {
 public:
  explicit Reference(PyObject* owned) : object_(owned) {
    if (owned == nullptr) throw PythonError();
  }
  Reference(Reference&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Reference(const Reference&) = delete;
  Reference& operator=(Reference&&) = delete;
  Reference& operator=(const Reference&) = delete;
  ~Reference() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  // For calls that take the reference over.
  PyObject* give() { return std::exchange(object_, nullptr); }

 private:
  PyObject* object_;
};

// Other threads may run Python meanwhile. Nothing of Python may be touched.
class LockReleased {
 public:
  LockReleased() : state_(PyEval_SaveThread()) {}
  LockReleased(const LockReleased&) = delete;
  LockReleased& operator=(const LockReleased&) = delete;
  ~LockReleased() { PyEval_RestoreThread(state_); }

 private:
  PyThreadState* state_;
};

// Puts the Python exception that is set aside until the end, so that Python code may run meanwhile.
class ExceptionKept {
 public:
  ExceptionKept() { PyErr_Fetch(&type_, &value_, &traceback_); }
  ExceptionKept(const ExceptionKept&) = delete;
  ExceptionKept& operator=(const ExceptionKept&) = delete;
  ~ExceptionKept() { PyErr_Restore(type_, value_, traceback_); }

 private:
  PyObject* type_ = nullptr;
  PyObject* value_ = nullptr;
  PyObject* traceback_ = nullptr;
};

// The bytes of an object, held until the end.
class Bytes {
 public:
  explicit Bytes(PyObject* object) {
    if (PyObject_GetBuffer(object, &view_, PyBUF_SIMPLE) != 0) throw PythonError();
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes() { PyBuffer_Release(&view_); }

  std::string_view view() const { return {static_cast<const char*>(view_.buf), static_cast<size_t>(view_.len)}; }

 private:
  Py_buffer view_{};
};

inline Reference none() { return Reference(Py_NewRef(Py_None)); }

inline Reference integer(int64_t value) { return Reference(PyLong_FromLongLong(value)); }

// Text that may hold anything, such as bytes of a broken document.
inline Reference text(std::string_view bytes) {
  return Reference(
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "backslashreplace"));
}

// Appends an object to a list.
inline void append(const Reference& list, const Reference& item) {
  if (PyList_Append(list.get(), item.get()) != 0) throw PythonError();
}

inline Reference new_list() { return Reference(PyList_New(0)); }

template <typename... Item>
Reference new_tuple(const Item&... items) {
  return Reference(PyTuple_Pack(static_cast<Py_ssize_t>(sizeof...(items)), items.get()...));
}

}  // namespace columnar
