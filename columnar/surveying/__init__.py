"""What the documents hold, what of it the contract reads, and what is new in it since the last time."""
