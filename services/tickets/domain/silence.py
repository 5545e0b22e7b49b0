"""What comes of a citizen's silence: one reminder, and in the end his case is closed, which he is told. He may write
all the same, whenever he likes: no end is one for him.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.clocks import Clock
from services.tickets.domain.completeness import InfoRequest, wanted
from services.tickets.domain.entries import agent_entry
from services.tickets.domain.happenings import InfoReceived, InfoRequested
from services.tickets.domain.thresholds import BREACH, WARN
from services.tickets.domain.verbs import close
from services.tickets.domain.verbs.changing import change, next_version, open_status

_HIS_TURN = frozenset({"waiting", "answered"})


def of_silence(case: Case, clock: Clock, kind: str, asked: Sequence[InfoRequest], act: Act) -> Iterator[Change]:
    """What a threshold of the citizen's clock comes to. It is no fault of ours if he does not answer: nothing of ours
    is late, no step of a chain is taken, and nobody is told but he. He is not reminded of what he said in another of
    his cases since.
    """
    if case.ticket.status not in _HIS_TURN:
        return
    lacking = _lacking(case, asked)
    if asked and not lacking:
        yield from _answered_elsewhere(case, asked, act)
    elif kind == BREACH:
        yield _give_up(case, clock, act)
    elif kind == WARN and act.now < clock.is_over_at:  # after that it ends in the same moment
        yield _remind(case, clock, lacking, act)


def _remind(case: Case, clock: Clock, lacking: Sequence[str], act: Act) -> Change:
    """Asks the citizen once more for what he was asked, and says until when he may answer."""
    what = f"Kami masih menunggu dari Anda:\n{wanted(lacking)}" if lacking else "Kami masih menunggu jawaban Anda."
    words = f"{what}\nTanpa jawaban sampai {_day(case, clock.due_at)}, pengaduan ini kami tutup."
    entry = agent_entry(case.ticket.id, words, act.now)
    again = InfoRequested(entry.id, tuple(lacking), is_reminder=True)
    return change(case, next_version(case, status="waiting"), again, act, entry)


def _give_up(case: Case, clock: Clock, act: Act) -> Change:
    """Closes the case, for nobody answered until the clock was over."""
    words = (
        f"Sampai {_day(case, clock.due_at)} kami belum menerima jawaban Anda, sehingga pengaduan ini kami tutup. "
        "Anda tetap dapat menulis kepada kami; pengaduan ini kemudian dibuka kembali."
    )
    return close(case, agent_entry(case.ticket.id, words, act.now), act)


def _answered_elsewhere(case: Case, asked: Sequence[InfoRequest], act: Act) -> Iterator[Change]:
    """The next word is ours: all that was asked is known."""
    for request in asked:
        after = next_version(case, status=open_status(case.ticket))
        received = change(case, after, InfoReceived(request.id, request.names), act)
        yield received
        case = received.after


def _lacking(case: Case, asked: Sequence[InfoRequest]) -> Sequence[str]:
    """The fields of these questions of which the citizen said nothing since the case began, in any of his cases. What
    he had said before an agent may have asked for on purpose.
    """
    said = {handle.kind for handle in case.citizen.handles if handle.first_seen_at > case.ticket.opened_at}
    return [name for name in dict.fromkeys(name for request in asked for name in request.names) if name not in said]


def _day(case: Case, moment: datetime) -> str:
    return format_date(moment.astimezone(ZoneInfo(case.ticket.zone)), "d MMMM y", "id")
