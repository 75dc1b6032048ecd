"""Standards that rise, over HTTP."""
