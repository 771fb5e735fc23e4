"""What a teacher reads: marks, reasons, times and progress, in the terminal, as JSON or a page."""
