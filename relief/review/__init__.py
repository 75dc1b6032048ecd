"""Applications and their joint review (联审联批)."""
