"""The routes of the ear: figures and imports for programs, a form for citizens."""
