"""One complaint, all the way through: what `make demo` plays and tells."""
