"""How much a respondent may say, by whichever way in."""

LONGEST_LINE = 100
"""Characters of what names something: a unit, a service, the number of a questionnaire."""
LONGEST_COMMENT = 2_000
