"""What kind a file is, whatever its sender calls it."""

import puremagic

_SURE = 0.3
"""Three bytes that fit: fewer may stand at the beginning of any text."""
_LOOKED_AT = 4_096
_LONGEST_TYPE = 127


def media_type_of(content: bytes, told: str) -> str:
    """The media type by what is in a file, where that is certain; else as the sender calls it."""
    try:
        found = [match.mime_type for match in puremagic.magic_string(content[:_LOOKED_AT]) if match.confidence >= _SURE]
    except (puremagic.PureError, ValueError):
        found = []
    certain = [media_type for media_type in found if media_type]
    return told[:_LONGEST_TYPE] if told in certain or not certain else certain[0]
