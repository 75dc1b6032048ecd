"""A standard rises (提标): all that hangs on it is worked out anew, and more is given by decision.

A new value of a parameter is drafted by one and published by another. Then a list of differences is
drawn over all that is in payment, and signed by somebody else than who drew it. It never lowers
anything: what would fall, or does not follow the rule alone, is left to a person.
"""
