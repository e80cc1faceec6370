"""The native shredder: a C++ kernel that reads Arrow buffers and writes Arrow buffers, in one pass."""
