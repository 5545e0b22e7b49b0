"""The choice between what phrases say and what was learned: who decides, how sure, and because of what."""

import numpy as np
import pytest

from services.tickets.domain.topics import Choice, Classifier, Learned, LinearModel, Topic
from services.tickets.domain.topics.choice import NOTHING_FOUND
from services.tickets.domain.units import Unit

PAID = Topic("insentif", "insentif", Unit("a", "A"), ("insentif belum cair", "insentif"), ())
SHOWN = Topic("sertifikat", "sertifikat", Unit("b", "B"), ("sertifikat belum muncul", "sertifikat"), ())
GONE = Topic("gone", "gone", Unit("c", "C"), (), ())


def learned(word: str, label: str, lead: float, *, offset: float = 0.0) -> Learned:
    """A model that knows one word, and takes it for `label` by `lead`: 4.6 is as good as certain, 0.5 is 62 %."""
    weights = [lead if each == label else 0 for each in ("gone", "insentif", "sertifikat")]
    return Learned(
        LinearModel(
            labels=("gone", "insentif", "sertifikat"),
            terms=(word,),
            parts=(),
            weights=np.array([weights], dtype=np.float16),
            rarity=np.ones(1, dtype=np.float32),
            bias=np.zeros(3, dtype=np.float32),
            slope=1.0,
            offset=offset,
        )
    )


def chosen(text: str, model: Learned | None = None) -> Choice:
    return Classifier([PAID, SHOWN], model).classify(text)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("intensif", None),
        ("Insentip sy blm jg cair", "insentif … belum … cair"),
        ("insentifnya ga cair, belum cair", "insentif … belum cair"),
        ("insentiff belum cairkan", "insentif belum cair"),
        ("sertifkat kok belum munculll", "sertifikat … belum muncul"),
        ("insentif sudah cair", "insentif"),
    ],
)
def test_phrase_is_told_as_its_editor_wrote_it_with_a_mark_where_other_words_stand(text: str, because: str) -> None:
    assert chosen(text).because == ((because,) if because else (NOTHING_FOUND,))


def test_phrase_of_several_words_decides_whatever_was_learned() -> None:
    choice = chosen("insentif belum cair karena dasbor", learned("dasbor", "sertifikat", 4.6))
    assert (choice.topic, choice.confidence) == (PAID, 0.95)


@pytest.mark.parametrize(("lead", "topic"), [(4.6, SHOWN), (0.5, PAID)])
def test_phrase_of_one_word_gives_way_to_a_model_that_is_surer(lead: float, topic: Topic) -> None:
    assert chosen("insentif di dasbor", learned("dasbor", "sertifikat", lead)).topic == topic


def test_phrase_and_model_that_agree_are_surer_than_either() -> None:
    choice = chosen("insentif pencairan", learned("insentif", "insentif", 1.0))
    assert choice.topic == PAID
    assert choice.confidence > max(chosen("insentif").confidence, 0.731)
    assert choice.because == ("insentif",), "what both say is told once"


def test_phrase_that_another_topic_disputes_is_less_sure() -> None:
    assert chosen("insentif dan sertifikat").confidence < chosen("sertifikat").confidence


def test_model_alone_decides_where_it_is_sure_and_a_person_where_it_is_not() -> None:
    sure = chosen("dasbor", learned("dasbor", "sertifikat", 0.5))
    unsure = chosen("dasbor", learned("dasbor", "sertifikat", 0.5, offset=-1))
    assert (sure.topic, sure.because) == (SHOWN, ("dasbor",))
    assert (unsure.topic, unsure.because) == (None, ("dasbor",)), "what it was nearly taken for is told to people"


def test_model_that_takes_it_for_a_topic_that_was_retired_says_nothing() -> None:
    assert chosen("dasbor", learned("dasbor", "gone", 4.6)) == Choice(None, 0.0, (NOTHING_FOUND,))


def test_text_of_which_nothing_is_known_is_for_a_person() -> None:
    assert chosen("selamat pagi", learned("dasbor", "gone", 4.6)) == Choice(None, 0.0, (NOTHING_FOUND,))
