"""What a job is: its file, its options, and what its URLs open."""
