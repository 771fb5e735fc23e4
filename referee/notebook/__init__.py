"""Notebooks of other people: any file is read (`parse`), its cells are recognised (`restore`)."""
