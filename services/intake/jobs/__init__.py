"""What the clock starts, and what goes on in the background."""
