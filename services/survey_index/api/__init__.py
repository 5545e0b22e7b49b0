"""The routes of survey_index: figures and imports for programs, a form for citizens."""
