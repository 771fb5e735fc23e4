"""Marking by hand a group of students at once, and taking it back."""
