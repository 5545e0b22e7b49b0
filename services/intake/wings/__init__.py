"""The wings of the service: each builds its routes, what they need, what works behind them, and what it keeps."""
