"""Which converted rows a table keeps: its parent's key, `where`, `distinct`, `keep_if_any`."""
