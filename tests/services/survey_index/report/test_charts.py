"""Charts as pictures: the same bytes each time, nothing from elsewhere, and words for who cannot see them."""

from xml.etree import ElementTree

from services.survey_index.report.charts import to_svg
from services.survey_index.report.document import Bar, Chart, Zone

ZONES = [Zone("D", 25, "25,00"), Zone("A", 88.31, "88,31")]


def chart(label: str = "Persyaratan", value: float = 83.33) -> Chart:
    return Chart("Indeks", [Bar(label, value, "83,33 (B)", "B")], 25, 100, f"{label} 83,33", ZONES)


def height(svg: str) -> float:
    return float(ElementTree.fromstring(svg).attrib["viewBox"].split()[3])


def test_same_chart_is_the_same_picture() -> None:
    assert to_svg(chart(), "c1") == to_svg(chart(), "c1")


def test_picture_says_in_words_what_it_shows() -> None:
    root = ElementTree.fromstring(to_svg(chart('<b>"Unsur" & lain'), "c1"))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == '<b>"Unsur" & lain 83,33'


def test_two_pictures_in_a_page_share_no_identifier() -> None:
    def identifiers(svg: str) -> set[str]:
        return {element.attrib["id"] for element in ElementTree.fromstring(svg).iter() if "id" in element.attrib}

    first, second = identifiers(to_svg(chart(), "c1")), identifiers(to_svg(chart(), "c2"))
    assert first and not first & second


def test_picture_needs_nothing_from_elsewhere() -> None:
    svg = to_svg(chart(), "c1")
    root = ElementTree.fromstring(svg)
    assert {value[:3] for element in root.iter() for key, value in element.attrib.items() if "href" in key} == {"#c1"}
    assert not [element for element in root.iter() if element.tag.endswith(("text", "image", "style", "script"))]


def test_long_label_wraps_and_makes_the_picture_higher() -> None:
    assert height(to_svg(chart("Penanganan pengaduan, saran, dan masukan " * 4), "c1")) > height(to_svg(chart(), "c1"))


def test_value_beyond_the_scale_stays_in_the_picture() -> None:
    assert (
        height(to_svg(chart(value=24.5), "c1"))
        == height(to_svg(chart(value=120), "c1"))
        == height(to_svg(chart(), "c1"))
    )
