"""Rules of the ear: instruments, editions, and the arithmetic of an index, in exact rationals."""
