"""The same messaging suite on the in-memory transport and on RabbitMQ."""
