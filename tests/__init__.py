"""The tests of the course kit."""
