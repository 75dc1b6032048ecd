"""Decides which records speak of the same person, by a declared specification.

The only place that knows the linkage library and its database; see `engine`.
"""
