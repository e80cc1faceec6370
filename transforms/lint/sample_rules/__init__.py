"""Rules about what became of sample documents; each yields findings of one or a few codes."""
