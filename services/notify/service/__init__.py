"""Use cases of the post. A session is passed in, the domain asked, the outbox written; nothing commits here."""
