"""Twilio's dialect of telephone calls: forms that it signs, and TwiML that it plays to the caller."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from twilio.twiml.voice_response import VoiceResponse

from services.intake.channels.channel import NotGenuine, Webhook
from services.intake.channels.signatures import is_one_of
from services.intake.domain.call_events import CallEvent, Kind
from services.intake.domain.callers import caller_of
from services.intake.domain.turns import FINISH, Turn
from services.intake.models.calls import CallReport

PROVIDER = "twilio"
_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LANGUAGE = "id-ID"
_ENDS = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_ANSWERED_IN_QUEUE = frozenset({"bridged", "bridging-in-process", "redirected-from-bridged"})
_FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, str]
"""A form, by its names; of one that is there several times, the last."""


class Twilio:
    """Reads what Twilio signed, and writes what it plays. `public_url` is how it reaches us, whatever a proxy says.

    `shared_keys` are the secrets of requests that name their algorithm; without any it is the tokens of the accounts.
    """

    def __init__(self, *, auth_tokens: Sequence[str], public_url: str, shared_keys: Sequence[str] = ()) -> None:
        self._tokens = auth_tokens
        self._shared_keys = shared_keys or auth_tokens
        self._public_url = public_url.rstrip("/")

    # -- what it sends ----------------------------------------------------------------------------------------------

    def authenticate(self, path: str, webhook: Webhook) -> Fields:
        """The form that was sent to `path`, as it stood in the request line. Raises `NotGenuine`."""
        settings = webhook.headers.get("x-twilio-webhooks-signature-settings", "")
        algorithm = _HASHES.get(_algorithm(settings))
        given = webhook.headers.get("x-twilio-signature", "")
        secrets = self._shared_keys if settings else self._tokens
        texts = _signed_texts(self._public_url + path, webhook)
        if algorithm is None or not is_one_of(given, _signatures(secrets, texts, algorithm)):
            raise NotGenuine("Twilio signs the address and the form, in X-Twilio-Signature.")
        return _query(webhook.query) | dict(_form(webhook))

    def opened(self, form: Fields, now: datetime) -> CallReport:
        """What a call that comes in tells."""
        return _report(form, CallEvent("opened", "opened", now))

    def status(self, form: Fields, now: datetime) -> CallReport:
        """What a call's status tells, or how it left a queue. Of a word that nobody knows, that the call is there."""
        result = form.get("QueueResult")
        return _report(form, _left_queue(form, result, now) if result else _changed(form, _moment(form, now)))

    def recorded(self, form: Fields, now: datetime) -> CallReport:
        """That the call is there, and what the caller said after the tone, if anything."""
        recording = _text(form.get("RecordingUrl", ""))
        here = CallEvent("recorded", "progress", now)
        return _report(form, here, recordings=(recording,) if recording else ())

    def digits(self, form: Fields) -> str:
        """What the caller typed, with the key that he ended with."""
        typed = "".join(key for key in form.get("Digits", "")[:64] if key in "0123456789*#")
        return typed + FINISH if form.get("FinishedOnKey") == FINISH and not typed.endswith(FINISH) else typed

    def turn_number(self, form: Fields) -> int | None:
        """At which turn of the menu he typed it."""
        number = form.get("n", "")
        return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None

    # -- what it plays ----------------------------------------------------------------------------------------------

    def twiml(self, turn: Turn, number: int) -> str:
        """A turn as TwiML. Digits and messages come back to the route of digits, and with them the turn's number."""
        response = VoiceResponse()
        action = f"{self._public_url}/v1/hooks/twilio/gather?{urlencode({'n': number})}"
        if turn.gather:
            gather = response.gather(
                action=action,
                method="POST",
                input="dtmf",
                num_digits=turn.gather.digits,
                timeout=turn.gather.timeout_seconds,
                finish_on_key=FINISH,
                action_on_empty_result=True,
            )
            _play(gather, turn)
            return str(response)
        _play(response, turn)
        if turn.record_seconds is not None:
            response.record(action=action, method="POST", max_length=turn.record_seconds, finish_on_key=FINISH)
            response.redirect(action, method="POST")  # of one who said nothing, no recording is sent
        elif turn.queue:
            queue = urlencode({"queue": turn.queue})
            response.enqueue(turn.queue, action=f"{self._public_url}/v1/hooks/twilio/status?{queue}", method="POST")
        else:
            response.hangup()
        return str(response)

    def goodbye(self) -> str:
        """TwiML for a caller with whom there is nothing more to do."""
        response = VoiceResponse()
        response.hangup()
        return str(response)

    def nothing(self) -> str:
        """TwiML for what is told only."""
        return str(VoiceResponse())


def _play(response: VoiceResponse, turn: Turn) -> None:
    for prompt in turn.prompts:
        if prompt.recording:
            response.play(prompt.recording)
        else:
            response.say(prompt.text, language=_LANGUAGE)


# -- signatures -------------------------------------------------------------------------------------------------


def _algorithm(settings: str) -> str:
    """What `key=…,algorithm=…` names; without it the first that there was."""
    parts = (part.partition("=") for part in settings.split(","))
    return next((value.strip() for name, _, value in parts if name.strip() == "algorithm"), "HMAC_SHA1")


def _signatures(secrets: Sequence[str], texts: Iterable[str], algorithm: str) -> list[str]:
    """What each secret makes of each text."""
    return [
        b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), algorithm)).decode()
        for text in texts
        for secret in secrets
    ]


def _signed_texts(url: str, webhook: Webhook) -> Iterator[str]:
    """What may have been signed: the address, with its port or without, and the names and values of the form.

    A body that is no form is signed by its hash in the query.
    """
    target = url + (f"?{webhook.query}" if webhook.query else "")
    told_hash = _query(webhook.query).get("bodySHA256")
    parameters = [""]
    if told_hash is None or _is_form(webhook):
        names: dict[str, list[str]] = {}
        for name, value in _form(webhook):
            names.setdefault(name, []).append(value)
        parameters = [_joined(names, set), _joined(names, list)]
    elif not hmac.compare_digest(hashlib.sha256(webhook.content).hexdigest().encode(), told_hash.lower().encode()):
        return
    yield from (address + text for address in _with_and_without_port(target) for text in dict.fromkeys(parameters))


def _joined(names: Mapping[str, Sequence[str]], alike: type[set[str]] | type[list[str]]) -> str:
    """Names and values in their order; the same value twice is there one time for some libraries that sign."""
    return "".join(name + value for name in sorted(names) for value in sorted(alike(names[name])))


def _with_and_without_port(url: str) -> tuple[str, str]:
    """An address with its port and without: Twilio signs it in either way."""
    scheme, rest = url.split("://", 1)
    host = urlsplit(url).netloc
    bare, _, port = host.partition(":")
    path = rest[len(host) :]
    return f"{scheme}://{bare}:{port or _DEFAULT_PORTS.get(scheme, 443)}{path}", f"{scheme}://{bare}{path}"


def _is_form(webhook: Webhook) -> bool:
    return webhook.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM


def _form(webhook: Webhook) -> list[tuple[str, str]]:
    """The form as it was sent, fields without a value too. Twilio writes UTF-8; any other byte is kept as it is."""
    text = webhook.content.decode("utf-8", "surrogateescape")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape") if _is_form(webhook) else []


def _query(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True, errors="replace"))


# -- what a form tells ------------------------------------------------------------------------------------------


def _report(form: Fields, *events: CallEvent, recordings: tuple[str, ...] = ()) -> CallReport:
    citizen, ours = form.get("From", ""), form.get("To", "")
    is_outbound = form.get("Direction", "inbound").startswith("outbound")
    if is_outbound:
        citizen, ours = ours, citizen
    return CallReport(
        PROVIDER,
        _text(form.get("CallSid", "")),
        events,
        direction="out" if is_outbound else "in",
        account=caller_of(_text(ours)).text,
        caller=caller_of(_text(citizen)),
        recordings=recordings,
    )


def _changed(form: Fields, at: datetime) -> CallEvent:
    status = _text(form.get("CallStatus", ""))[:64]
    kind: Kind = "progress"
    if status in _ENDS:
        kind = "ended"
    elif status in ("in-progress", "answered") and form.get("Direction", "").startswith("outbound"):
        kind = "answered"  # of a call that comes in, this says that the menu plays
    return CallEvent(f"status {status}", kind, at, cause=status if kind == "ended" else "")


def _left_queue(form: Fields, result: str, now: datetime) -> CallEvent:
    kind: Kind = "left"
    if result in _ANSWERED_IN_QUEUE:
        kind = "answered"
    elif result == "hangup":
        kind = "abandoned"
    seconds = form.get("QueueTime", "")
    waited = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 9 else None
    queue = _text(form.get("queue", ""))[:64]
    cause = "" if kind == "answered" else _text(result)[:64]
    return CallEvent(f"queue {kind}", kind, now, queue, cause=cause, waited_seconds=waited)


def _moment(form: Fields, now: datetime) -> datetime:
    """When it happened, as the form says it, or now."""
    try:
        moment = parsedate_to_datetime(form.get("Timestamp", ""))
    except (ValueError, OverflowError):
        return now
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(text: str) -> str:
    """A text without what no database keeps."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:200]
