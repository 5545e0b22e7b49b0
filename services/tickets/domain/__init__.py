"""Rules: what a text is about, by when it must be settled, and how a case may change."""
