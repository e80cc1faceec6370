"""The path language: docs/paths.md is its grammar and its worked examples."""
