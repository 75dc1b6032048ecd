"""Payees of a case (收款账户): entered by one person, confirmed by another, the old phone told."""
