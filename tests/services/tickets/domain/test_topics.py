"""What a complaint is about: the phrases of docs/domain.md, "Topics", whole words, and which phrase decides."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.topics import Classifier, Topic
from services.tickets.domain.units import Unit
from tests.services.tickets.conftest import desk_topics

UNIT = Unit("phi", "PHI")
CLASSIFIER = Classifier(desk_topics())


def topic(slug: str, *phrases: str, required: tuple[str, ...] = ()) -> Topic:
    return Topic(slug, slug, Unit(slug, f"unit of {slug}"), phrases, required)


def topic_of(text: str, *topics: Topic) -> str | None:
    match = Classifier(topics).classify(text).topic
    return match.slug if match else None


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("intensif belum cair", "insentif belum diterima", "Prakerja / pencairan"),
        ("insentif belum masuk", "insentif belum diterima", "Prakerja / pencairan"),
        ("sertifikat belum muncul di dashboard", "sertifikat tidak tampil", "Prakerja / platform"),
        ("sudah kasih rating", "rating dan ulasan", "platform"),
        ("review", "rating dan ulasan", "platform"),
        ("rekening mati", "rekening tidak aktif", "pencairan / bank"),
        ("gagal transfer", "rekening tidak aktif", "pencairan / bank"),
        ("melebihi limit", "limit e-money", "pencairan"),
        ("refund", "limit e-money", "pencairan"),
        ("20 juta", "limit e-money", "pencairan"),
        ("prakerjavip", "situs palsu", "keamanan"),
        ("website resmi?", "situs palsu", "keamanan"),
        ("pengesahan peraturan perusahaan", "PP / PKB", "Ditjen PHI & Jamsos"),
        ("PKB", "PP / PKB", "Ditjen PHI & Jamsos"),
        ("di-PHK", "PHK, perselisihan", "PHI / mediator"),
        ("pesangon", "PHK, perselisihan", "PHI / mediator"),
        ("PJK3", "K3, norma kerja, WLKP", "Binwasnaker & K3"),
        ("AK3", "K3, norma kerja, WLKP", "Binwasnaker & K3"),
        ("lisensi K3", "K3, norma kerja, WLKP", "Binwasnaker & K3"),
        ("wajib lapor", "K3, norma kerja, WLKP", "Binwasnaker & K3"),
        ("gaji di bawah UMR", "upah, THR", "pengawas"),
        ("THR", "upah, THR", "pengawas"),
        ("izin PPTKIS", "pasar kerja, PPTKIS, AKAD", "Binapenta & PKK"),
        ("lowongan", "pasar kerja, PPTKIS, AKAD", "Binapenta & PKK"),
        ("rekomendasi magang", "magang", "Ditjen Pelatihan & Produktivitas"),
        ("informasi publik", "PPID", "Setjen"),
        ("kartu kuning", "AK.1", "Disnaker"),
        ("AK.1", "AK.1", "Disnaker"),
        ("telepon tidak diangkat", "kinerja kanal", "contact centre"),
    ],
)
def test_what_people_write_finds_its_topic_and_its_unit(text: str, name: str, unit: str) -> None:
    about = CLASSIFIER.classify("", f"Selamat pagi, {text}. Mohon bantuannya").topic
    assert about is not None
    assert (about.name, about.unit.name) == (name, unit)


@pytest.mark.parametrize("topic", desk_topics(), ids=lambda topic: topic.slug)
def test_every_phrase_alone_finds_its_own_topic(topic: Topic) -> None:
    for phrase in topic.phrases:
        assert CLASSIFIER.classify(phrase).topic == topic, phrase


def test_two_words_between_are_bridged_and_three_are_not() -> None:
    incentive = topic("insentif", "intensif belum cair")
    assert topic_of("intensif saya masih belum juga saja cair", incentive) == "insentif"
    assert topic_of("intensif saya masih tetap belum cair", incentive) is None


def test_words_stand_in_their_order() -> None:
    assert topic_of("cair belum intensif", topic("insentif", "intensif belum cair")) is None


@pytest.mark.parametrize("text", ["prarekening", "rekening_ku", "re kening", "rekeningan"])
def test_only_whole_words_count(text: str) -> None:
    assert topic_of(text, topic("rekening", "rekening")) is None


def test_case_and_punctuation_do_not_matter() -> None:
    assert topic_of("REKENING,\n(MATI)!", topic("rekening", "rekening mati")) == "rekening"


def test_phrase_does_not_go_on_from_the_subject_into_the_body() -> None:
    assert Classifier([topic("rekening", "rekening mati")]).classify("rekening", "mati").topic is None


def test_phrase_with_the_most_words_decides_then_the_longest_then_the_order() -> None:
    assert topic_of("rekening gagal transfer", topic("a", "rekening"), topic("b", "gagal transfer")) == "b"
    assert topic_of("upah magang", topic("a", "upah"), topic("b", "magang")) == "b"
    assert topic_of("upah gaji", topic("a", "gaji"), topic("b", "upah")) == "a"


@pytest.mark.parametrize("text", ["", "???", "Terima kasih banyak", "AK", "K", "😀"])
def test_what_no_phrase_claims_has_no_topic(text: str) -> None:
    assert CLASSIFIER.classify(text, text).topic is None


WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True)
FILLED = st.lists(st.sampled_from((*WORDS, "x", "y")), max_size=12)


def stands_in(phrase: list[str], words: list[str]) -> bool:
    """The rule, spelt out: places in rising order, at most two words between two of them."""
    places = product(*([place for place, word in enumerate(words) if word == wanted] for wanted in phrase))
    return any(all(0 < b - a <= 3 for a, b in pairwise(chosen)) for chosen in places)


@given(phrase=PHRASES, words=st.lists(st.sampled_from((*WORDS, "x")), max_size=7, unique=True))
def test_phrase_is_found_exactly_where_it_stands(phrase: list[str], words: list[str]) -> None:
    assert (topic_of(" ".join(words), topic("it", " ".join(phrase))) == "it") is stands_in(phrase, words)


@given(phrase=PHRASES, words=FILLED)
def test_what_is_found_does_stand_there(phrase: list[str], words: list[str]) -> None:
    if topic_of(" ".join(words), topic("it", " ".join(phrase))):
        assert stands_in(phrase, words)


def test_word_said_twice_does_not_hide_the_phrase() -> None:
    """Between "insentif" and the second "belum" stand two words, and two between that and "cair"."""
    words = ["insentif", "belum", "juga", "belum", "sampai", "sekarang", "cair"]
    assert stands_in(["insentif", "belum", "cair"], words)
    assert topic_of(" ".join(words), topic("insentif", "insentif belum cair")) == "insentif"


@given(words=FILLED, phrases=st.lists(PHRASES, min_size=1, max_size=5))
def test_no_phrase_that_was_found_has_more_words_than_the_one_that_decides(
    words: list[str], phrases: list[list[str]]
) -> None:
    topics = [topic(str(place), " ".join(phrase)) for place, phrase in enumerate(phrases)]
    text = " ".join(words)
    decided = topic_of(text, *topics)
    each = [len(phrase) for phrase, topic in zip(phrases, topics, strict=True) if topic_of(text, topic)]
    assert (decided is None) is (not each)
    if decided is not None:
        assert len(phrases[int(decided)]) == max(each)


def test_topic_with_an_empty_phrase_stops_nobody() -> None:
    edited = Classifier([Topic("empty", "empty", UNIT, ("", "?"), ()), Topic("phk", "PHK", UNIT, ("phk",), ())])
    about = edited.classify("Saya kena PHK.Pesangon belum dibayar").topic
    assert about is not None
    assert about.slug == "phk"
