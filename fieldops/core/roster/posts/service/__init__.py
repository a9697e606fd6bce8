"""Writing posts: what a service needs, who stands there, publishing, closing."""
