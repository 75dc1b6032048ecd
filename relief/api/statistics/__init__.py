"""Aid in sums."""
