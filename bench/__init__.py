"""What `make bench` runs. Each file says at its top how its figures are taken."""
