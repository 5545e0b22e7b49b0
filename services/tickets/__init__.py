"""Tickets: makes a case of each contact, gives it an owner and a clock, and lets people answer it."""
