"""Grants that two persons decide."""
