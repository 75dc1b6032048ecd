"""Applications and their joint review."""
