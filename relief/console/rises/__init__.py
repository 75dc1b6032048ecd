"""Standards that rise."""
