"""How much a respondent may say, by whichever way in."""

from datetime import date

LONGEST_LINE = 100
"""Characters of what names something: a unit, a service, the number of a questionnaire."""
LONGEST_COMMENT = 2_000
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""Days that somebody can have meant. Empty dates of programs lie far outside."""
