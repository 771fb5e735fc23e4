"""Making a new course, small and whole: `course/` is what it is a copy of."""
