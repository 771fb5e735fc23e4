"""Ways out: marks and pages in the forms that spreadsheets and learning platforms take."""
