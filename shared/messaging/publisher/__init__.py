"""Publishes to RabbitMQ with confirms, by pika."""

from __future__ import annotations

from shared.messaging.publisher.pika_publisher import PikaPublisher

__all__ = ["PikaPublisher"]
