"""What the work costs."""
