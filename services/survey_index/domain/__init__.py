"""Rules of survey_index: instruments, editions, and the arithmetic of an index, in exact rationals."""
