"""Every SQL statement of the ear."""
