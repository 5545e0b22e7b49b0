"""Asks how well it went, and turns the answers into indices that can be reproduced."""
