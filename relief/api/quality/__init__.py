"""How good the departments' files are."""
