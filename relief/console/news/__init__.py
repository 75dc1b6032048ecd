"""Policy articles in the browser."""
