"""One run: reading and shredding ahead, converting, deciding, publishing, inside one memory budget."""
