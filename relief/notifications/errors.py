"""What goes wrong with notices."""

from relief.core.errors import NotFound


class MessageNotFound(NotFound):
    code = "message-not-found"
    title = "没有这条消息"
