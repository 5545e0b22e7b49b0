"""The questionnaire: nine elements, known by their slugs, with the words of DOMAIN.md section 1."""

from services.survey_index.domain.instruments import instruments

SKM = instruments()["skm14_2017"]


def test_the_nine_elements_stand_in_the_order_of_the_seed() -> None:
    assert SKM.slugs == (
        "persyaratan",
        "prosedur",
        "waktu",
        "biaya",
        "produk",
        "kompetensi",
        "perilaku",
        "sarana",
        "pengaduan",
    )
    assert (SKM.by_position()["U8"], SKM.by_position()["U9"]) == ("sarana", "pengaduan")


def test_each_element_asks_a_question_with_four_words() -> None:
    assert all(element.question.endswith("?") and len(element.scale) == 4 for element in SKM.elements)
    words = {element.slug: (element.scale[0], element.scale[1], element.scale[3]) for element in SKM.elements}
    assert words == {
        "persyaratan": ("Tidak sesuai", "Kurang sesuai", "Sangat sesuai"),
        "prosedur": ("Tidak mudah", "Kurang mudah", "Sangat mudah"),
        "waktu": ("Tidak cepat", "Kurang cepat", "Sangat cepat"),
        "biaya": ("Sangat mahal", "Cukup mahal", "Gratis"),
        "produk": ("Tidak sesuai", "Kurang sesuai", "Sangat sesuai"),
        "kompetensi": ("Tidak kompeten", "Kurang kompeten", "Sangat kompeten"),
        "perilaku": ("Tidak sopan dan ramah", "Kurang sopan dan ramah", "Sangat sopan dan ramah"),
        "sarana": ("Buruk", "Cukup", "Sangat baik"),
        "pengaduan": ("Tidak ada", "Ada tetapi tidak berfungsi", "Dikelola dengan baik"),
    }
