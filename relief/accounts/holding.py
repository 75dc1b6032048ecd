"""The keys of second factors as a holder of sealed values."""

from operator import attrgetter

from relief.accounts.models import AccountTotp
from relief.core.privacy.holders import SealedColumn

SECOND_FACTORS = SealedColumn(AccountTotp.sealed, attrgetter("bytes"))
