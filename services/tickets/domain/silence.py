"""What comes of a citizen's silence: one reminder, and in the end his case is closed, which he is told. He may write
all the same, whenever he likes: no end is one for him.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.clocks import Clock
from services.tickets.domain.completeness import InfoRequest, wanted
from services.tickets.domain.entries import agent_entry
from services.tickets.domain.happenings import InfoRequested
from services.tickets.domain.verbs import close
from services.tickets.domain.verbs.changing import change, next_version

_HIS_TURN = frozenset({"waiting", "answered"})


def awaits_citizen(case: Case) -> bool:
    """Whether the next word is the citizen's."""
    return case.ticket.status in _HIS_TURN


def remind(case: Case, clock: Clock, asked: InfoRequest | None, act: Act) -> Change:
    """Asks the citizen once more for what he was `asked`, and says until when he may answer."""
    entry = agent_entry(case.ticket.id, _reminder(case, clock, asked), act.now)
    again = InfoRequested(entry.id, asked.names if asked else ())
    return change(case, next_version(case, status="waiting"), again, act, entry)


def give_up(case: Case, clock: Clock, act: Act) -> Change:
    """Closes the case, for nobody answered until the clock was over."""
    words = (
        f"Sampai {_day(case, clock.due_at)} kami belum menerima jawaban Anda, sehingga pengaduan ini kami tutup. "
        "Anda tetap dapat menulis kepada kami; pengaduan ini kemudian dibuka kembali."
    )
    return close(case, agent_entry(case.ticket.id, words, act.now), act)


def _reminder(case: Case, clock: Clock, asked: InfoRequest | None) -> str:
    what = f"Kami masih menunggu dari Anda:\n{wanted(asked.names)}" if asked else "Kami masih menunggu jawaban Anda."
    return f"{what}\nTanpa jawaban sampai {_day(case, clock.due_at)}, pengaduan ini kami tutup."


def _day(case: Case, moment: datetime) -> str:
    return format_date(moment.astimezone(ZoneInfo(case.ticket.zone)), "d MMMM y", "id")
