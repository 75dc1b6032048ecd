"""Confirmed identities that other schemes recognise (结果互认), and what is known already.

What a family is confirmed as is told by entitlements decided here and by the departments' lists. A
case keeps what it was spared, and by what law; `identities` reads what stands for many people in a
few statements, and no check, stage or decision that looks at the case itself is ever spared.
"""
