"""Every SQL statement of survey_index."""
