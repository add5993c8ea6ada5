from django import template

from imports.queue import status

register = template.Library()


@register.simple_tag
def queue_status() -> status.QueueStatus:
    """How the queue is, as the command of that name tells."""
    return status.queue_status()
