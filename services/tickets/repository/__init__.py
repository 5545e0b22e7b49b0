"""Every SQL statement of the service, a file for each thing that is kept."""
