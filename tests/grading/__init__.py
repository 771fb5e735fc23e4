"""Tests of the grader with real kernels and real gradebooks."""
