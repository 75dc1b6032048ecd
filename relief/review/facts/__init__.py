"""What is found out in a case, and what the scheme's rule makes of it.

A fact has who found it out, when and by which proof; a newer one takes its place and nothing is
overwritten. Who found out anything in a case does not decide it.
"""
