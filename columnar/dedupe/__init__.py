"""Duplicates looked at without a target: analysed into a DuckDB file, and explained."""
