"""A person takes out of a case again what joined it, and that pair is never joined by the program again."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act
from services.tickets.domain.separations import separate as separated
from services.tickets.domain.suggestions import suggested
from services.tickets.repository import codes, entries, suggestions
from services.tickets.service import search
from services.tickets.service.rulebook import Rules
from services.tickets.service.verbs import hold_case
from services.tickets.service.write import write
from shared.errors import NotFound


async def separate(session: AsyncSession, ticket_id: UUID, entry_id: UUID, act: Act, rules: Rules) -> Case:
    """Makes an entry, and what else was said under its code, a case of its own. Answers the new case.

    Raises `NotFound`, `VersionConflict` and `NotSeparable`.
    """
    case = await hold_case(session, ticket_id, act)
    lines = await entries.get(session, case.ticket, [entry_id])
    if not lines:
        raise NotFound("Nothing by that id was said in this ticket.")
    [entry] = lines
    leading = await codes.of_ticket(session, case.ticket)
    code = next((each for each in leading if entry.code == each.code != case.ticket.tracking_code), None)
    chat = case.ticket.chat_id
    if code and code.chat_id and code.chat_id == chat:
        chat = next((each.chat_id for each in leading if each.code == case.ticket.tracking_code), None)
    before, new = separated(case, entry, code, chat, rules.classifier.classify(entry.body), rules.policies, act)
    await codes.remove(session, [code.code] if code else [])
    await write(session, [before])  # first: two tickets never have one chat
    await write(session, [new])
    await entries.separate(session, case.ticket, entry, code.code if code else None, to=new.after.ticket)
    await search.rewrite(session, [before.after, new.after])
    apart = suggested("tickets", (ticket_id, new.after.ticket.id), 0.0, ("a person took them apart",), act.now)
    await suggestions.decide(session, apart.decided("dismissed", act.actor, act.now))
    return new.after
