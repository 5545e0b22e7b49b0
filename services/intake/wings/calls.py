"""Telephone calls."""

from datetime import timedelta

from services.intake.api import call_figures as figure_routes
from services.intake.api import callbacks as callback_routes
from services.intake.api import calls as call_routes
from services.intake.api import menus as menu_routes
from services.intake.api import telephones as telephone_routes
from services.intake.channels.asterisk import Asterisk
from services.intake.channels.cti import Cti
from services.intake.channels.twilio import Twilio
from services.intake.domain.hours import hours_of
from services.intake.jobs.calls import CallSweep
from services.intake.repository.callbacks import blank_callbacks
from services.intake.repository.calls import blank_calls, forget_events
from services.intake.service.call_contacts import CallContacts
from services.intake.service.call_figures import Figures
from services.intake.service.callbacks import Callbacks
from services.intake.service.calls import Calls
from services.intake.service.conversations import Conversations
from services.intake.service.menus import Menus
from services.intake.service.receive import Receiver
from services.intake.service.telephones import Telephones
from services.intake.settings import IntakeSettings, values_in
from services.intake.wings.ground import Ground, Wing
from shared.retention import Rule


def calls_wing(ground: Ground, receiver: Receiver) -> Wing:
    """Telephone calls, whichever system tells of them."""
    settings = ground.settings
    callbacks = Callbacks(hours=hours_of(settings.hours, settings.hours_zone, settings.holidays))
    calls = Calls(callbacks=callbacks, contacts=CallContacts(receiver=receiver, seal=ground.seal))
    conversations = Conversations(calls=calls, seal=ground.seal, menu=settings.ivr_menu)
    figures = Figures(zone=settings.hours_zone)
    silent_for = timedelta(hours=settings.call_ends_after_hours)
    sweep = CallSweep(db=ground.pipes.db, calls=calls, figures=figures, silent_for=silent_for, clock=ground.clock)
    kept = timedelta(days=settings.keep_calls_days)
    return Wing(
        routers=[
            figure_routes.router,
            call_routes.router,
            callback_routes.router,
            menu_routes.router,
            telephone_routes.router,
        ],
        parts=[calls, conversations, Menus(), callbacks, figures, _telephones(settings, calls, conversations)],
        workers=[sweep],
        keep=[
            Rule("call events", kept, forget_events),
            Rule("calls", kept, blank_calls),
            Rule("call-backs", kept, blank_callbacks),
        ],
    )


def _telephones(settings: IntakeSettings, calls: Calls, conversations: Conversations) -> Telephones:
    """The telephone systems that the settings open."""
    twilio_tokens = values_in(settings.twilio_auth_token)
    cti_tokens, asterisk_tokens = values_in(settings.cti_token), values_in(settings.asterisk_token)
    return Telephones(
        calls,
        conversations,
        Twilio(
            auth_tokens=twilio_tokens,
            shared_keys=values_in(settings.twilio_shared_key),
            public_url=str(settings.public_url),
        )
        if twilio_tokens
        else None,
        Cti(cti_tokens) if cti_tokens else None,
        Asterisk(asterisk_tokens) if asterisk_tokens else None,
    )
