"""Drills of tools that the platform is run with and does not ship."""
