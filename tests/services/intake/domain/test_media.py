"""When a file is tried again, and what is said where nobody may fetch it."""

from datetime import timedelta

from services.intake.domain.media import FETCHED_FROM, MOST_TRIES, pause_after, without_a_token
from services.intake.settings import IntakeSettings


def test_pauses_grow_and_end_before_whatsapp_forgets_the_file() -> None:
    pauses = [pause for tries in range(1, MOST_TRIES) if (pause := pause_after(tries)) is not None]
    assert len(pauses) == MOST_TRIES - 1
    assert pauses == sorted(pauses)
    assert timedelta(days=3) < sum(pauses, timedelta()) < timedelta(days=7)
    assert pause_after(MOST_TRIES) is None


def test_setting_that_is_missing_is_one_that_there_is() -> None:
    for channel in FETCHED_FROM:
        setting, _, _ = without_a_token(channel).partition(" ")
        assert setting.removeprefix("INTAKE_").lower() in IntakeSettings.model_fields
