"""The form in which names are compared and searched."""

import unicodedata

_DOTS = dict.fromkeys(map(ord, "•・･．。.‧∙"), "·")


def name_key(name: str) -> str:
    """Return a name without spaces, in one width, with one kind of middle dot, in capitals.

    >>> name_key("古丽 ・阿卜")
    '古丽·阿卜'
    """
    return "".join(unicodedata.normalize("NFKC", name).split()).translate(_DOTS).upper()
