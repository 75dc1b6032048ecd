"""Words of the articles that the pages use too."""

import enum


class VersionStatus(enum.StrEnum):
    """Where one version of an article stands."""

    DRAFT = "draft"  # is written
    PROPOSED = "proposed"  # waits for a second person, and is not written
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # was published
    DISCARDED = "discarded"  # never was


LIVE = (VersionStatus.DRAFT, VersionStatus.PROPOSED)


class FileKind(enum.StrEnum):
    """What a file of an article is for."""

    DOCUMENT = "document"
    PICTURE = "picture"  # may stand in the text
    AUDIO = "audio"  # the article read aloud; one a version
