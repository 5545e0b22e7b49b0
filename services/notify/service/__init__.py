"""Use cases of notify. A session is passed in, the domain asked, the outbox written; nothing commits here."""
