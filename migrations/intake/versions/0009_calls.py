"""Telephone calls, what was told of them, menus, call-backs and counts."""

import json

import sqlalchemy as sa
from alembic import op

from migrations import execute_all

revision = "intake_0009"
down_revision = "intake_0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.calls (
    id uuid PRIMARY KEY,
    provider text NOT NULL,
    call_id text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    account text NOT NULL,
    caller text NOT NULL,
    is_callable boolean NOT NULL,
    status text NOT NULL,
    outcome text,
    opened_at timestamptz NOT NULL,
    offered_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    is_end_known boolean NOT NULL,
    is_incomplete boolean NOT NULL,
    is_consult boolean NOT NULL,
    wait_seconds integer NOT NULL,
    cause text NOT NULL,
    counted jsonb NOT NULL,
    told_at timestamptz NOT NULL,
    menu text,
    menu_version integer,
    turn integer NOT NULL,
    position_sealed text,
    tracking_code text,
    callback_id uuid,
    correlation_id text NOT NULL,
    text_removed_at timestamptz,
    UNIQUE (provider, call_id)
);
COMMENT ON TABLE intake.calls IS 'A row for each call, made of its events each time that one is new';
COMMENT ON COLUMN intake.calls.counted IS 'What call_tallies hold of it: a change adds only the difference';
COMMENT ON COLUMN intake.calls.position_sealed IS 'Where the caller is in the menu, with what he typed; sealed';
CREATE INDEX calls_unended ON intake.calls (told_at) WHERE ended_at IS NULL;
CREATE INDEX calls_answered ON intake.calls (caller, answered_at) WHERE answered_at IS NOT NULL;
CREATE INDEX calls_with_text ON intake.calls (told_at) WHERE text_removed_at IS NULL;

CREATE TABLE intake.call_events (
    provider text NOT NULL,
    call_id text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    queue text NOT NULL,
    agent text NOT NULL,
    cause text NOT NULL,
    waited_seconds integer,
    talked_seconds integer,
    stay_from timestamptz,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, call_id, key)
);
COMMENT ON TABLE intake.call_events IS 'What telephone systems told of calls, each thing once';
CREATE INDEX call_events_stays ON intake.call_events (provider, queue, stay_from) WHERE stay_from IS NOT NULL;
CREATE INDEX call_events_received_at ON intake.call_events (received_at);

CREATE TABLE intake.callbacks (
    id uuid PRIMARY KEY,
    number text NOT NULL,
    status text NOT NULL,
    calls integer NOT NULL,
    tries integer NOT NULL,
    opened_at timestamptz NOT NULL,
    abandoned_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    claimed_by text,
    claimed_at timestamptz,
    ended_at timestamptz,
    text_removed_at timestamptz
);
COMMENT ON TABLE intake.callbacks IS 'Citizens who gave up waiting, and are to be called: one open for each number';
CREATE UNIQUE INDEX callbacks_open ON intake.callbacks (number) WHERE status IN ('open', 'claimed');
CREATE INDEX callbacks_status ON intake.callbacks (status, due_at, id);
CREATE INDEX callbacks_claimed ON intake.callbacks (claimed_at) WHERE status = 'claimed';
CREATE INDEX callbacks_ended ON intake.callbacks (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE intake.ivr_menus (
    name text NOT NULL,
    version integer NOT NULL,
    definition jsonb NOT NULL,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE intake.ivr_menus IS 'Telephone menus; a version is never changed, for calls are in the middle of it';

CREATE TABLE intake.call_tallies (
    hour timestamptz NOT NULL,
    queue text NOT NULL,
    figure text NOT NULL,
    seconds integer NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (hour, queue, figure, seconds)
);
COMMENT ON COLUMN intake.call_tallies.queue IS 'Empty for the house: there a call counts once, whatever its queues';
"""
DEFAULT_MENU = {
    "start": "sapaan",
    "steps": {
        "sapaan": {
            "kind": "choose",
            "say": {
                "text": "Selamat datang di pusat layanan. Untuk informasi umum, tekan 1. Untuk pertanyaan atau "
                "pengaduan, tekan 2. Untuk mendengar kembali, tekan 0."
            },
            "choices": {"1": "informasi", "2": "pengaduan", "0": "sapaan"},
            "otherwise": "petugas",
        },
        "informasi": {
            "kind": "say",
            "say": {
                "text": "Layanan kami buka setiap hari pukul 08.00 sampai 20.00 Waktu Indonesia Barat. Pengaduan dapat "
                "juga disampaikan melalui surel, obrolan dan formulir di situs kami."
            },
            "next": "lanjut",
        },
        "lanjut": {
            "kind": "choose",
            "say": {"text": "Untuk berbicara dengan petugas, tekan 2. Untuk kembali ke menu awal, tekan 0."},
            "choices": {"2": "pengaduan", "0": "sapaan"},
            "otherwise": "selesai",
            "tries": 2,
        },
        "pengaduan": {
            "kind": "queue",
            "say": {"text": "Mohon tunggu, Anda akan kami hubungkan dengan petugas."},
            "queue": "umum",
        },
        "petugas": {
            "kind": "queue",
            "say": {"text": "Anda akan kami hubungkan dengan petugas."},
            "queue": "umum",
        },
        "selesai": {"kind": "hangup", "say": {"text": "Terima kasih telah menghubungi kami."}},
    },
}


def upgrade() -> None:
    execute_all(op.execute, TABLES)
    op.get_bind().execute(
        sa.text("INSERT INTO intake.ivr_menus VALUES ('utama', 1, CAST(:definition AS jsonb), 'satuatap', now())"),
        {"definition": json.dumps(DEFAULT_MENU)},
    )
