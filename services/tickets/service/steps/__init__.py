"""What is found out of a batch of contacts, one thing after another; each step loads at most once for all of them."""
