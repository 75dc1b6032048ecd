"""Objections in the notice period (公示期异议): recorded, surveyed anew, answered, told.

Anyone may object, also without a name. Nothing goes on to the county while one is unanswered, and
none is answered before two investigators were at the home again (民发〔2021〕57号第十九条).
"""
