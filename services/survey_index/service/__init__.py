"""Use cases of survey_index: a session is passed in, the domain asked, the outbox written; nothing commits here."""
