"""The four services of Satu Atap, the command line that runs them, and the house that runs them on one machine."""
