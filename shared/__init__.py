"""What the four services truly share. Nothing in here imports a service."""
