"""Procedures, their versions, and drafts of new ones."""
