"""What works in the background: couriers that hand notices over, and a sweeper for those whose courier died."""
