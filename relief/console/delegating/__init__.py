"""Delegation of one's cases during leave."""
