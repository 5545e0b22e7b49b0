"""Rules of notify: who is told what by which way, and what follows from each outcome."""
