"""From extracted text to typed columns, vectorised and grouped by rule across tables."""
