"""Households and persons."""
