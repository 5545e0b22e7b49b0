"""Topics, policies, tickets, their conversation and their audit trail."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import PLUMBING_1

revision = "tickets_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE tickets.topics (
    slug text PRIMARY KEY,
    position integer NOT NULL UNIQUE,
    name text NOT NULL,
    unit text NOT NULL,
    phrases text[] NOT NULL,
    required text[] NOT NULL
);
COMMENT ON TABLE tickets.topics IS
    'docs/domain.md, "Topics"; edited by people, the phrase with the most words decides';

CREATE TABLE tickets.sla_policies (
    name text NOT NULL,
    version integer NOT NULL,
    resolution_days integer NOT NULL CHECK (resolution_days > 0),
    mode text NOT NULL CHECK (mode IN ('calendar_days', 'working_days', 'working_days_with_cuti_bersama')),
    zone text NOT NULL,
    in_force boolean NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX sla_policies_in_force ON tickets.sla_policies (name) WHERE in_force;

CREATE TABLE tickets.tickets (
    id uuid PRIMARY KEY,
    tracking_code text NOT NULL UNIQUE,
    contact_id uuid NOT NULL UNIQUE,
    chat_id uuid UNIQUE,
    channel text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'escalated', 'answered', 'resolved')),
    topic text REFERENCES tickets.topics,
    unit text NOT NULL,
    subject text NOT NULL,
    name text,
    email text,
    phone text,
    programme_number_sealed text,
    programme_number_last4 text,
    policy_name text NOT NULL,
    policy_version integer NOT NULL,
    zone text NOT NULL,
    opened_at timestamptz NOT NULL,
    resolution_due_at timestamptz NOT NULL,
    first_replied_at timestamptz,
    resolved_at timestamptz,
    escalation_level integer NOT NULL,
    version integer NOT NULL,
    correlation_id text NOT NULL,
    FOREIGN KEY (policy_name, policy_version) REFERENCES tickets.sla_policies (name, version)
);
CREATE INDEX tickets_open ON tickets.tickets (unit, id) WHERE status <> 'resolved';
CREATE INDEX tickets_due ON tickets.tickets (resolution_due_at) WHERE status <> 'resolved';

CREATE TABLE tickets.entries (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES tickets.tickets,
    author text NOT NULL CHECK (author IN ('citizen', 'agent')),
    contact_id uuid UNIQUE,
    body text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX entries_ticket ON tickets.entries (ticket_id, id);
COMMENT ON COLUMN tickets.entries.contact_id IS 'Unique: what was accepted once is one entry, whatever happened';

CREATE TABLE tickets.audit (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES tickets.tickets,
    version integer NOT NULL,
    actor text NOT NULL,
    verb text NOT NULL,
    detail text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX audit_ticket ON tickets.audit (ticket_id, id);
"""

# docs/domain.md, "Topics": slug, name, unit, how people write it. The phrases are examples, not limits.
TOPICS = (
    (
        "insentif",
        "insentif belum diterima",
        "Prakerja / pencairan",
        "intensif belum cair|insentif belum cair|insentif belum masuk|intensif belum masuk|insentif|intensif",
    ),
    (
        "sertifikat",
        "sertifikat tidak tampil",
        "Prakerja / platform",
        "sertifikat belum muncul|sertifikat tidak tampil|sertifikat tidak muncul|sertifikat belum|sertifikat",
    ),
    ("ulasan", "rating dan ulasan", "platform", "sudah kasih rating|rating|review|ulasan"),
    (
        "rekening",
        "rekening tidak aktif",
        "pencairan / bank",
        "rekening mati|rekening tidak aktif|gagal transfer|rekening",
    ),
    ("limit-e-money", "limit e-money", "pencairan", "melebihi limit|limit e-money|refund|20 juta|e-wallet"),
    ("situs-palsu", "situs palsu", "keamanan", "prakerjavip|website resmi|situs palsu|web palsu|penipuan"),
    (
        "pp-pkb",
        "PP / PKB",
        "Ditjen PHI & Jamsos",
        "pengesahan peraturan perusahaan|peraturan perusahaan|perjanjian kerja bersama|pkb",
    ),
    ("phk", "PHK, perselisihan", "PHI / mediator", "di-phk|phk|pesangon|perselisihan|dipecat"),
    (
        "k3",
        "K3, norma kerja, WLKP",
        "Binwasnaker & K3",
        "pjk3|ak3|lisensi k3|wajib lapor|wlkp|norma kerja|k3",
    ),
    ("upah", "upah, THR", "pengawas", "gaji di bawah umr|di bawah umr|thr|upah|gaji"),
    ("pasar-kerja", "pasar kerja, PPTKIS, AKAD", "Binapenta & PKK", "izin pptkis|pptkis|lowongan|akad"),
    ("magang", "magang", "Ditjen Pelatihan & Produktivitas", "rekomendasi magang|magang"),
    ("ppid", "PPID", "Setjen", "informasi publik|ppid"),
    ("ak1", "AK.1", "Disnaker", "kartu kuning|ak.1|ak1"),
    (
        "kanal",
        "kinerja kanal",
        "contact centre",
        "telepon tidak diangkat|tidak diangkat|tidak ada jawaban|susah dihubungi",
    ),
)
# docs/domain.md, "Topics": what a complete complaint about the programme carries
PRAKERJA = ("insentif", "sertifikat", "ulasan", "rekening", "limit-e-money")
PRAKERJA_REQUIRED = ["name", "email", "phone", "programme_number", "body"]


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_1.format(schema="tickets"))
    execute_all(op.execute, TABLES)
    connection = op.get_bind()
    for position, (slug, name, unit, phrases) in enumerate(TOPICS, start=1):
        connection.exec_driver_sql(
            "INSERT INTO tickets.topics (slug, position, name, unit, phrases, required) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            (
                slug,
                position,
                name,
                unit,
                phrases.split("|"),
                PRAKERJA_REQUIRED if slug in PRAKERJA else ["body"],
            ),
        )
    # docs/domain.md, "Deadlines": seven days; the source does not say working days, so calendar days are the default
    op.execute(
        "INSERT INTO tickets.sla_policies (name, version, resolution_days, mode, zone, in_force) "
        "VALUES ('ptsa', 1, 7, 'calendar_days', 'Asia/Jakarta', true)"
    )
