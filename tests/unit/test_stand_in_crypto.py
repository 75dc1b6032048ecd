"""The examples that WeChat publishes for its signatures and its encryption."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from devtools.wechat import crypto

TOKEN, KEY, APPID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcv"
    "ZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3F"
    "n2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSe"
    "OBrebufAlr7F9mFUPAJGj04="
)
REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
SESSION_KEY = "tiihtNczf5v6AKRyjwEUhQ=="
IV = "r7BXXKkLb8qrSNn05n0qiA=="
DATA = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNP"
    "dbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyx"
    "VLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid"
    "1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEB"
    "vB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVu"
    "nYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=="
)


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        (("1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        (("1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        (("1714112445", "415670741", SEALED), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
        (("1713424427", "415670741", REPLY), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"),
    ],
)
def test_the_signature_of_a_push(parts, signature):
    assert crypto.signature(TOKEN, *parts) == signature


def test_a_sealed_push_opens_and_seals_to_the_same_text():
    key = crypto.push_key(KEY)

    message = crypto.unseal(SEALED, key=key, appid=APPID)

    assert json.loads(message) | {"CreateTime": 0} == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": 0,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }
    random = opened(SEALED, key)[:16]
    assert crypto.seal(message, key=key, appid=APPID, random=random) == SEALED


def opened(sealed, key):
    """What stands in a sealed text, the random bytes included."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    return decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()


def test_what_is_sealed_for_another_app_or_with_another_key_does_not_open():
    key = crypto.push_key(KEY)

    with pytest.raises(ValueError, match="another app"):
        crypto.unseal(SEALED, key=key, appid="wx0000000000000000")
    with pytest.raises(ValueError, match="padded"):
        crypto.unseal(SEALED, key=crypto.push_key("B" * 43), appid=APPID)
    with pytest.raises(ValueError, match="43"):
        crypto.push_key("A" * 39)


def test_the_signature_of_a_call():
    found = crypto.call_signature(
        "gDyVgzwa0mFz9uUP7M6GQQ==",
        appid="wx20afc706a711eefc",
        group="1559129713_672975982",
        nonce="8AP6DT9ybtniUJfb",
        timestamp="1559129714",
    )

    assert found == "b002b824688dd8593a6079e11d8c5e8734fbcb39a6d5906eb347bfbcad79c617"


def test_the_signature_of_what_a_phone_hands_over():
    raw = (
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong",'
        '"country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/'
        '1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
    )

    found = crypto.raw_signature(raw, "HyVFkGl5F5OQWJZZaNzBBg==")

    assert found == "75e81ceda165f4ffa64f4068af58c64b8f54b88c"


def test_encrypted_data_opens_and_closes_to_the_same_text():
    iv = base64.b64decode(IV)

    content = crypto.decrypt_data(DATA, session_key=SESSION_KEY, iv=iv)

    assert content["openId"] == "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
    assert content["watermark"]["appid"] == "wx4f4bc4dec97d474b"
    again = crypto.encrypt_data(content, session_key=SESSION_KEY, iv=iv)
    assert crypto.decrypt_data(again, session_key=SESSION_KEY, iv=iv) == content
