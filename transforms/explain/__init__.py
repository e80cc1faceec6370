"""Where the values of one document's rows come from, and what conversion did to each on its way."""
