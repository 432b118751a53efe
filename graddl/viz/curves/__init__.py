"""Charts for teaching, drawn with matplotlib: activations, descent, losses, boundaries."""
