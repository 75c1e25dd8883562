"""Name resolution, the connection out, MongoDB, the route file."""
