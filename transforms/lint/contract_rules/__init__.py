"""Rules that need the contract only; each yields findings of one or a few codes."""
