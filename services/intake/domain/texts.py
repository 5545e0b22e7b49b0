"""Text from outside, as it can be kept: PostgreSQL takes no U+0000, and UTF-8 no half of a surrogate pair."""


def storable(text: str) -> str:
    """`text` with what cannot be kept replaced by U+FFFD. Halves of a pair that stand together are the character."""
    if "\0" not in text and text.isascii():
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")
