"""Taking rows of documents out of the target again, by the document table, so that they can be loaded anew."""
