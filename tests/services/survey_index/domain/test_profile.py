"""Who answered: by versioned code lists, and in the tables of the Kubu Raya report."""

import pytest

from services.survey_index.domain.profile import PROFILE, ProfileField, as_told, code_lists
from services.survey_index.report.facts import profile_of

S002 = code_lists()["s002_2020"]
PUBLISHED: dict[ProfileField, list[tuple[int, str]]] = {
    "sex": [(137, "67.16"), (67, "32.84")],
    "education": [
        (1, "0.49"),
        (12, "5.88"),
        (5, "2.45"),
        (160, "78.43"),
        (9, "4.41"),
        (17, "8.33"),
        (0, "0.00"),
    ],
    "occupation": [
        (97, "47.55"),
        (10, "4.90"),
        (0, "0.00"),
        (0, "0.00"),
        (0, "0.00"),
        (90, "44.12"),
        (7, "3.43"),
        (0, "0.00"),
    ],
}


@pytest.mark.parametrize("field", PROFILE)
def test_profile_of_the_204_respondents_of_s002(field: ProfileField) -> None:
    codes = [known.code for known in S002.of(field)]
    told = [code for code, (count, _) in zip(codes, PUBLISHED[field], strict=True) for _ in range(count)]
    usual: dict[ProfileField, str] = {"sex": "L", "education": "sma", "occupation": "asn"}
    people = [{**usual, field: code} for code in told]
    shares = profile_of(people, S002)[field]
    assert [(share.count, str(share.percent)) for share in shares] == PUBLISHED[field]
    assert [share.name for share in shares] == [known.name.id for known in S002.of(field)]


def test_who_told_nothing_has_a_line_of_his_own_and_no_line_without_him() -> None:
    silent: dict[ProfileField, str] = {"sex": "", "education": "", "occupation": ""}
    assert [(share.name, share.count) for share in profile_of([silent], S002)["sex"]][-1] == ("Tidak diisi", 1)
    assert [share.percent for share in profile_of([], S002)["sex"]] == [None, None]


@pytest.mark.parametrize("said", ["sma", "SMA", "SLTA/SMA/Sederajat", "slta/sma/sederajat"])
def test_code_is_found_by_itself_or_by_its_name(said: str) -> None:
    assert S002.find("education", said) == "sma"
    assert S002.find("education", "S9") is None


def test_file_without_a_list_brings_its_own() -> None:
    people: list[dict[ProfileField, str]] = [
        {"sex": "Perempuan", "education": "S1", "occupation": ""},
        {"sex": "Perempuan", "education": "SMA", "occupation": ""},
    ]
    assert [known.name.id for known in as_told(people).of("education")] == ["S1", "SMA"]
    assert [known.code for known in as_told(people).of("sex")] == ["Perempuan"]
    assert as_told(people).of("occupation") == ()


def test_every_code_list_has_codes_of_its_own_for_each_field() -> None:
    for codes in code_lists().values():
        for field in PROFILE:
            found = [known.code for known in codes.of(field)]
            assert len(found) == len(set(found)) > 1
