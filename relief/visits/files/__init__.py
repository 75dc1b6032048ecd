"""Assignments of helpers by file: one household and helper a row."""
