"""What is missing of a complaint."""

from services.tickets.domain.completeness import missing_fields
from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit


def test_topic_says_what_is_missing_and_no_topic_misses_nothing() -> None:
    asked = Topic("insentif", "insentif", Unit("pencairan", "pencairan"), ("insentif",), ("name", "email", "body"))
    assert missing_fields(asked, {"name", "body"}) == ["email"]
    assert missing_fields(asked, {"name", "email", "body", "phone"}) == []
    assert missing_fields(None, set()) == []
