"""The whole house on one machine: engines from wheels, the four services as processes, and a sandbox that stands in
for the mail server and the SMS gateway."""
