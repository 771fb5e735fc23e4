"""What tests this course's assignment: its notebook, its bank of solutions, its sample cohort."""
