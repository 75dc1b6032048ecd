"""The home survey (入户调查): by two, on a sheet that they and the applicant sign.

A procedure says for which of its stages a home must have been surveyed, and by how many.
"""
