"""Looking at an assignment's master before students see it, without executing anything."""
