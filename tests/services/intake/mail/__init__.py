"""What is wrong with mail in the field, and what comes of it here."""
