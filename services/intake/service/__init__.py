"""Use cases of intake. A session is passed in, the domain asked, the outbox written; nothing commits here,
except the acceptor, which is itself the boundary that many requests share."""
