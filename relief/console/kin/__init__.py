"""One's own close-relative filing."""
