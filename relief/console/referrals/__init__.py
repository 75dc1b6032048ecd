"""Pages of referrals (转介)."""
