"""What the checks before a decision find in a case, over HTTP."""
