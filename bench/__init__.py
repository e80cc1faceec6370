"""Benchmarks: ratios against a peer measured in the same run, since machines differ and are shared."""
