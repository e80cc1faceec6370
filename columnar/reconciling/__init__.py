"""Comparing a source with its target, without trusting the runs that loaded it."""
