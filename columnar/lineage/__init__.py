"""How the rows of the target lead back to the documents they came from, without a column of their own."""
