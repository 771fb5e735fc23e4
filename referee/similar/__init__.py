"""Which submissions are alike, and like which known solutions: a hint for a human, and no proof."""
