"""The routes of intake, a file for each thing that they are about."""
