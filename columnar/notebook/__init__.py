"""Results as HTML, for notebooks: tables without scripts, readable in light and dark themes."""
