"""Which provider of text messages the setting RELIEF_SMS_SENDER names."""

from collections.abc import Callable, Mapping

from relief.core.config import Config
from relief.integrations.sms import SmsSender
from relief.integrations.sms.fake import FakeSender

# A new provider is one module here and one line.
SENDERS: Mapping[str, Callable[[Config], SmsSender]] = {"fake": lambda _config: FakeSender()}


def sender_of(config: Config) -> SmsSender:
    """Return the provider that the settings name; they were checked when they were read."""
    return SENDERS[config.sms_sender](config)
