"""Pure functions from Arrow to Arrow, and the contract they follow: no database, no file, no clock, no environment."""
