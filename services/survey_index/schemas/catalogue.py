"""Instruments and code lists."""

from pydantic import BaseModel, Field

from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import Code, Instrument
from services.survey_index.domain.profile import CodeList
from shared.http import example


class InstrumentIn(Instrument):
    """A unit's own questionnaire."""

    model_config = example(
        code="milik_dinas",
        name={"id": "Kepuasan di loket", "en": "Satisfaction at the counter"},
        source="Keputusan Kepala Dinas",
        elements=[
            {
                "slug": "waktu",
                "measure": "ikm",
                "name": {"id": "Waktu penyelesaian", "en": "Time of completion"},
                "questions": [
                    {
                        "text": {"id": "Seberapa cepat pelayanan kami?", "en": "How fast is our service?"},
                        "words": {
                            "id": ["Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat"],
                            "en": ["Not fast", "Less fast", "Fast", "Very fast"],
                        },
                    }
                ],
            }
        ],
    )


class InstrumentOut(Instrument):
    """An instrument, with the edition whose bands belong to it."""

    edition: Edition | None = None


class InstrumentPage(BaseModel):
    items: list[InstrumentOut]
    next_cursor: None = None


class CodeListIn(CodeList):
    """A unit's own code list: what may be answered about sex, education and occupation."""

    model_config = example(
        code="dinas_2026",
        name={"id": "Profil di loket", "en": "Profile at the counter"},
        source="Keputusan Kepala Dinas",
        sex=[{"code": "L", "name": {"id": "Laki-laki", "en": "Male"}}],
        education=[{"code": "sma", "name": {"id": "SMA/sederajat", "en": "Senior secondary school"}}],
        occupation=[{"code": "petani", "name": {"id": "Petani", "en": "Farmer"}}],
    )
    code: Code = Field(description="Its version: the unit's name and the year, say; a list never changes")


class CodeListPage(BaseModel):
    items: list[CodeListIn]
    next_cursor: None = None
