"""Signed lists of decisions (清单审批): many cases of one scheme, drawn, looked at and signed.

A list only grants: who is refused aid is told why, each by itself.
"""
