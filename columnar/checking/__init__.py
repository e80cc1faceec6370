"""A contract tried on sample documents: each table beside its lines, and what no path reads."""
