"""Measures the platform at a stated size, beside a baseline taken in the same run."""
