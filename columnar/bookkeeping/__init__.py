"""What a job keeps in its target: ranges, ledger, documents; and the proof that they balance."""
