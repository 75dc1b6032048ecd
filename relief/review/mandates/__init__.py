"""Mandates (授权委托): who hands papers over, or applies, in the applicant's place."""
