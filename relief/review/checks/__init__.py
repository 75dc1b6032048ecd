"""Checks before a decision (事前核验): one file a check, and what is done with what they find.

A check is a pure function from `facts.CaseFacts` to hits; `look` gathers the facts of many cases in
a few statements. A doubt is verified by a person; no check ends, refuses or grants anything.
"""
