"""Rules: what a text is about, by when it must be resolved, and how a case may change."""
