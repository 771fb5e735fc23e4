"""What a teacher reads: marks, times and progress, in the terminal and as JSON."""
