"""How a governed change reads on its pages: answer, effect card, places, steps, timeline."""
