"""The form of a new application, filled in with what is known."""
