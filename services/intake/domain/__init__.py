"""Rules of the doors: how a number is written, what a repeated request is, how a visit may go on."""
