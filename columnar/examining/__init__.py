"""Whether the machine and a job are fit to run."""
