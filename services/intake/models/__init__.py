"""The shapes that the repository takes and gives: rows of this service's schema, and what is about to become one."""
