"""The admission webhooks: served on every replica, with certificates of our own, and registered by the leader once they are reached."""
