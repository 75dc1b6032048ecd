"""Why a merge does not begin."""


class TooMany(Exception):
    """A merge that was to be quick would have to read too many people, or wait for another."""
