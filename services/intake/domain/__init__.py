"""Rules of intake: how a number is written, what a repeated request is, how a visit may go on."""
