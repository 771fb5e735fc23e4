"""What tests share: courses, kernels, cohorts, processes."""
