"""Policy articles for the mini program: written by one person, published by another."""
