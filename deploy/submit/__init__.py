"""Filing requests from a file, through the same schema and the same use case as the API."""
