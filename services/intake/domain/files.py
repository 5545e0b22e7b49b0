"""What kind a file is, whatever its sender calls it; and its name, without what is no part of one."""

import puremagic

from shared.text import tidied

_SURE = 0.3
"""Three bytes that fit: fewer may stand at the beginning of any text."""
_LOOKED_AT = 4_096
_LONGEST_TYPE = 127
_LONGEST_NAME = 200


def media_type_of(content: bytes, told: str) -> str:
    """The media type by what is in a file, where that is certain; else as the sender calls it."""
    try:
        found = [match.mime_type for match in puremagic.magic_string(content[:_LOOKED_AT]) if match.confidence >= _SURE]
    except (puremagic.PureError, ValueError):
        found = []
    certain = [media_type for media_type in found if media_type]
    return told[:_LONGEST_TYPE] if told in certain or not certain else certain[0]


def plain_name(written: str) -> str:
    """The name of a file on one line, without folders."""
    return tidied(written.replace("\\", "/").rpartition("/")[2])[:_LONGEST_NAME]
