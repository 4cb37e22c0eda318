"""Watching a policy: in a page of a browser or in a window, while it is played or trained."""
