"""Rules of the post: who is told what by which way, and what follows from each outcome."""
