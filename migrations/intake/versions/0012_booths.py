"""Booths with services, counters, dispensers and rules of their own; visits that are called again, moved and swept."""

from alembic import op

from migrations import execute_all

revision = "intake_0012"
down_revision = "intake_0011"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.booths (
    booth text PRIMARY KEY,
    zone text NOT NULL,
    calls_before_no_show integer NOT NULL,
    minutes_between_calls integer NOT NULL,
    return_within_minutes integer NOT NULL,
    priority_run integer NOT NULL,
    warn_seconds_before integer NOT NULL,
    closes_at time,
    keeps_overnight boolean NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE TABLE intake.booth_services (
    booth text NOT NULL REFERENCES intake.booths,
    name text NOT NULL,
    prefix text NOT NULL,
    place integer NOT NULL,
    is_open boolean NOT NULL,
    PRIMARY KEY (booth, name),
    UNIQUE (booth, prefix)
);
CREATE TABLE intake.booth_counters (
    booth text NOT NULL REFERENCES intake.booths,
    name text NOT NULL,
    services text[] NOT NULL,
    PRIMARY KEY (booth, name)
);
CREATE TABLE intake.booth_dispensers (
    booth text NOT NULL REFERENCES intake.booths,
    device text NOT NULL,
    prefix text NOT NULL,
    PRIMARY KEY (booth, device)
);

ALTER TABLE intake.booth_days ADD last_at timestamptz;
COMMENT ON COLUMN intake.booth_days.booth IS 'A booth; or booth/series, where numbers have a prefix';
COMMENT ON COLUMN intake.booth_days.last_at IS 'The queue never goes back in time, whatever the clock does';

ALTER TABLE intake.visits
    ADD series text NOT NULL DEFAULT '',
    ADD copy integer NOT NULL DEFAULT 0,
    ADD first_service text NOT NULL DEFAULT '',
    ADD service text NOT NULL DEFAULT '',
    ADD priority text,
    ADD place_at timestamptz,
    ADD queued_at timestamptz,
    ADD service_called_at timestamptz,
    ADD last_called_at timestamptz,
    ADD calls integer NOT NULL DEFAULT 0,
    ADD callable_at timestamptz,
    ADD counter text,
    ADD arrived_at timestamptz,
    ADD swept_at timestamptz,
    ADD warned_at timestamptz,
    ADD prints integer NOT NULL DEFAULT 1,
    ADD device text,
    ADD device_sequence integer,
    DROP CONSTRAINT visits_status_check,
    ADD CONSTRAINT visits_status_check CHECK (
        status IN ('waiting', 'called', 'settled', 'escalated', 'no_show', 'closed_unserved')),
    DROP CONSTRAINT visits_booth_day_number_key;
COMMENT ON COLUMN intake.visits.series IS 'What stands before the number on the paper; numbers count within it';
COMMENT ON COLUMN intake.visits.copy IS '0; or which further paper with that number it is, which a dispenser printed';
COMMENT ON COLUMN intake.visits.called_at IS 'When the visitor was called first, to whatever service';
COMMENT ON COLUMN intake.visits.place_at IS 'The order of the queue; NULL means taken_at';
CREATE UNIQUE INDEX visits_number ON intake.visits (booth, day, series, number, copy);
CREATE UNIQUE INDEX visits_device ON intake.visits (booth, device, device_sequence) WHERE device IS NOT NULL;
CREATE INDEX visits_open ON intake.visits (booth, day) WHERE status IN ('waiting', 'called');
CREATE INDEX visits_first_call ON intake.visits (booth, called_at) WHERE called_at IS NOT NULL;
CREATE INDEX visits_to_warn ON intake.visits (call_due_at)
    WHERE status = 'waiting' AND called_at IS NULL AND warned_at IS NULL;

CREATE TABLE intake.visit_transfers (
    visit_id uuid NOT NULL REFERENCES intake.visits ON DELETE CASCADE,
    at timestamptz NOT NULL,
    from_service text NOT NULL,
    to_service text NOT NULL,
    queued_at timestamptz NOT NULL,
    called_at timestamptz,
    moved_by text NOT NULL,
    PRIMARY KEY (visit_id, at)
);
COMMENT ON TABLE intake.visit_transfers IS 'From which service a visitor was sent on, and how long he had waited there';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
