"""Takes what a citizen brings, keeps it before it answers, and passes it on."""
