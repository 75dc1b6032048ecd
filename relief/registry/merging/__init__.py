"""Makes persons and households out of what the departments sent.

The merged registry is a function of the live source identities and nothing else: it does not
depend on the order of imports, and after a batch is taken back it is what it was before.

extract → linking → survivorship, households → stable (ids) → apply
"""
