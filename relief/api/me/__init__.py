"""One's own password, second factor and proofs of who one is."""
