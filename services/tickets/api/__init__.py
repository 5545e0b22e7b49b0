"""The routes of tickets."""
