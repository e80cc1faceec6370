"""Where one row of the target comes from: its document, and of each value line, path, text and what was done to it."""
