"""From XML documents to one Arrow table of text per extract."""
