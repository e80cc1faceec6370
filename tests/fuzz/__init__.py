"""Mutated documents through both shredders: `python -m tests.fuzz`, or `make fuzz`."""
