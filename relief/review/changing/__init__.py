"""Reducing or stopping what somebody is entitled to (减发、停发): views heard first.

A proposal, a notice that is proved to have arrived, the family's views or their silence, a decision
by somebody else (社会救助法第四十七条、第四十八条). Nothing is reduced or stopped by itself.
"""
