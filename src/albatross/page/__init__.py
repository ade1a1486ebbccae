"""The page as values: what it shows, where each box is, its HTML and SVG, and the difference of two views. `albatross.web` serves it."""
