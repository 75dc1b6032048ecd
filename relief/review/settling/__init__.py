"""Applications at a counter that settles (结算窗口), of somebody whom it does not aid yet.

A department sees the households that it aids; who stands before its counter for the first time is
none of them. So a case of a scheme that is entered by settlement is entered by the person's
identity number and name: both exact, one person at a time, each attempt in the trail.
"""
