"""Every SQL statement of intake, a file for each thing that is kept."""
