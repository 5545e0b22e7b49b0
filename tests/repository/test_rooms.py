"""The same noun names the file in each room of a service: who knows one room finds his way in the others."""

from collections.abc import Set

from tests.repository.files import FILES

SERVICES = ("intake", "tickets", "notify", "survey_index")
ALIKE = (("api", "service"), ("schemas", "api"))
"""A file in the first room has one of the same name in the second."""
EXCEPTIONS = {
    "services/intake/api/form_pages.py": "what pages with a form have alike, whatever they take",
    "services/intake/api/replies.py": "the form for what is answered about a case: `forms` keeps it as any other",
    "services/intake/schemas/citizens.py": "fields that the forms of every channel have",
    "services/survey_index/api/pages.py": "pages for people, of what other files of the rooms are about",
    "services/survey_index/api/parameters.py": "parameters that several routes have",
    "services/survey_index/schemas/fields.py": "fields that several forms have",
    "services/tickets/api/criteria.py": "what every list of tickets is narrowed to, and its orders",
    "services/tickets/api/me.py": "what a member of staff is by his token: no row is read",
    "services/tickets/api/parameters.py": "parameters that several routes have",
    "services/tickets/api/pages.py": "pages for people, of what `track` is about",
}
"""Files that are named alone, and why. A room that is still one file has no names to compare."""


def named_alone(paths: Set[str]) -> set[str]:
    """The files in a room whose name is not in the room beside it, where both are folders."""
    pairs = [(f"services/{name}/{room}/", f"services/{name}/{beside}/") for name in SERVICES for room, beside in ALIKE]
    return {
        room + name
        for room, beside in pairs
        if (names := _names_in(room, paths)) and (others := _names_in(beside, paths))
        for name in names - others
    }


def _names_in(room: str, paths: Set[str]) -> set[str]:
    names = {path.removeprefix(room) for path in paths if path.startswith(room)}
    return {name for name in names if "/" not in name} - {"__init__.py"}


PATHS = {path.as_posix() for path in FILES}


def test_file_of_a_room_has_the_name_that_it_has_in_the_others() -> None:
    assert named_alone(PATHS) - EXCEPTIONS.keys() == set()


def test_exception_is_still_one() -> None:
    assert EXCEPTIONS.keys() - named_alone(PATHS) == set()


def test_file_that_is_named_otherwise_in_the_next_room_is_found() -> None:
    rooms = {
        "services/intake/api/__init__.py",
        "services/intake/api/chats.py",
        "services/intake/api/booths.py",
        "services/intake/service/chats.py",
        "services/intake/service/visits.py",
        "services/notify/api.py",
        "services/notify/service/notices.py",
    }
    assert named_alone(rooms) == {"services/intake/api/booths.py"}
