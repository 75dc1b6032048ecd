"""Policy articles over HTTP, for staff."""
