"""Fingerprints of rows: equal for equal content, and useless without the key.

A bare digest would let anyone with the database try identity numbers until one fits. The
digest is therefore encrypted with a key derived from the blind-index key: one block, so one
digest always gives the same fingerprint, and a whole file is one call.
"""

import hmac

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from relief.core.privacy.cipher import Cipher

SIZE = 16


def of_digests(cipher: Cipher, digests: pa.ChunkedArray, *, key_id: int) -> np.ndarray:
    """Return the fingerprints of 16-byte digests, as an array of 16-byte values."""
    box = _boxes(cipher, key_id).encryptor()
    plain = digests.combine_chunks().cast(pa.binary(SIZE)).buffers()[1]
    blocks = box.update(plain.to_pybytes()[: len(digests) * SIZE])
    return np.frombuffer(blocks, dtype=f"V{SIZE}")


def turned(cipher: Cipher, prints: bytes, *, old: int, new: int) -> bytes:
    """Return the fingerprints that the new key gives, from those of the old and nothing else.

    The digest is encrypted and not hashed, so it comes back, and the rows are not needed.
    """
    digests = _boxes(cipher, old).decryptor().update(prints)
    return bytes(_boxes(cipher, new).encryptor().update(digests))


def _boxes(cipher: Cipher, key_id: int) -> BlockCipher[modes.ECB]:
    key = hmac.digest(cipher.index_key(key_id), b"relief row fingerprint", "sha256")
    # ECB is right here and only here: single blocks that must stay equal if they are equal.
    return BlockCipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # see above
