"""Regions, departments, schemes and code tables."""
