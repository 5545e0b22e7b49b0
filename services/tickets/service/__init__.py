"""Use cases: a session is passed in, the domain asked, the outbox written; nothing commits here."""
