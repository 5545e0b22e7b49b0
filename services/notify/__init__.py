"""Tells the citizen at each step, once, and keeps a ledger of every attempt."""
