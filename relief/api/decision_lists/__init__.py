"""Signed lists of decisions."""
