"""Requests to see a person unmasked."""
