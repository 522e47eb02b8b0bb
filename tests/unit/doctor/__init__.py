"""The examination without servers: how late a consumer is, what is joined, what a watch says of itself."""
