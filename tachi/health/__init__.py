"""What an operator sees of a running site: health, figures, a line for each request."""
