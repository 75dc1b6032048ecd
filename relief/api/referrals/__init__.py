"""Referrals (转介)."""
