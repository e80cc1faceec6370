"""Looking at a job without changing it: its status, its quarantine, its receipts."""
