"""Entering many applications of a roster by one act (批量补办).

A clerk chooses who is missing on the roster of a scheme (`recognition.rosters`); the worker enters
one case each, as if each were entered by itself, and says of whom it did not and why.
"""
