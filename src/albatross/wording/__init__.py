"""Plans and resources in words for users, for the terminal and for the page."""
