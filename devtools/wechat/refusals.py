"""The codes that WeChat answers with, and the words of each."""

from typing import Final

SYSTEM_BUSY: Final = -1
DOWNLOAD_FAILED: Final = -1008  # only in the event that follows a check of media
INVALID_CREDENTIAL: Final = 40001
INVALID_GRANT_TYPE: Final = 40002
INVALID_OPENID: Final = 40003
INVALID_MEDIA_TYPE: Final = 40004
INVALID_APPID: Final = 40013
INVALID_TOKEN: Final = 40014
INVALID_CODE: Final = 40029
INVALID_TEMPLATE: Final = 40037
INVALID_ARGS: Final = 40097
INVALID_SECRET: Final = 40125
INVALID_SCENE: Final = 40129
CODE_USED: Final = 40163
NOT_IN_WHITELIST: Final = 40164
SCENE_TOO_LONG: Final = 40169
CODE_BLOCKED: Final = 40226
TOKEN_MISSING: Final = 41001
APPID_MISSING: Final = 41002
SECRET_MISSING: Final = 41004
CODE_MISSING: Final = 41008
INVALID_PAGE: Final = 41030
TOKEN_EXPIRED: Final = 42001
GET_REQUIRED: Final = 43001
POST_REQUIRED: Final = 43002
REFUSED: Final = 43101
FOREIGN_OPENID: Final = 43104
BANNED: Final = 43107
SENT_AT_ONCE: Final = 43108
EMPTY_BODY: Final = 44002
TOO_MANY_CHECKS: Final = 44991
DAY_LIMIT: Final = 45009
MINUTE_LIMIT: Final = 45011
BAD_WORDS: Final = 45168
BAD_FORMAT: Final = 47001
BAD_ARGUMENT: Final = 47003
NOT_SEEN_LATELY: Final = 61010
NO_SUCH_RID: Final = 76001
BAD_SESSION_SIGNATURE: Final = 87009
BAD_MEDIA_URL: Final = 87020

# Those without a name above are only ever armed: nothing that a caller sends leads to them.
WORDS: Final = {
    SYSTEM_BUSY: "system error",
    INVALID_CREDENTIAL: "invalid credential, access_token is invalid or not latest",
    INVALID_GRANT_TYPE: "invalid grant_type",
    INVALID_OPENID: "invalid openid",
    INVALID_MEDIA_TYPE: "invalid media type",
    INVALID_APPID: "invalid appid",
    INVALID_TOKEN: "invalid access_token",
    INVALID_CODE: "invalid code",
    INVALID_TEMPLATE: "invalid template_id",
    INVALID_ARGS: "invalid args",
    INVALID_SECRET: "invalid appsecret",
    INVALID_SCENE: "invalid scene",
    CODE_USED: "code been used",
    NOT_IN_WHITELIST: "invalid ip, not in whitelist",
    SCENE_TOO_LONG: "invalid length for scene, or the data is not json string",
    CODE_BLOCKED: "code blocked",
    40243: "AppSecret is frozen",
    TOKEN_MISSING: "access_token missing",
    APPID_MISSING: "appid missing",
    SECRET_MISSING: "appsecret missing",
    CODE_MISSING: "missing code",
    INVALID_PAGE: "invalid page",
    TOKEN_EXPIRED: "access_token expired",
    GET_REQUIRED: "require GET method",
    POST_REQUIRED: "require POST method",
    REFUSED: "user refuse to accept the msg",
    FOREIGN_OPENID: "appid does not match with openid",
    BANNED: "message capability has been blocked",
    SENT_AT_ONCE: "concurrent sending to one user",
    EMPTY_BODY: "empty post data",
    TOO_MANY_CHECKS: "reach max api minute quota limit",
    DAY_LIMIT: "reach max api daily quota limit",
    MINUTE_LIMIT: "api minute-quota reach limit, must slower, retry next minute",
    BAD_WORDS: "the message contains sensitive words",
    BAD_FORMAT: "data format error",
    BAD_ARGUMENT: "argument invalid!",
    48001: "api unauthorized",
    50004: "forbidden appid",
    50007: "account is frozen",
    NOT_SEEN_LATELY: "code is expired",
    NO_SUCH_RID: "rid not exist",
    85096: "scancode_time is a reserved field",
    BAD_SESSION_SIGNATURE: "invalid signature",
    BAD_MEDIA_URL: "invalid media_url",
    89503: "the ip needs to be confirmed by the administrator",
    89506: "the administrator refused the ip twice within 24 hours",
    89507: "the administrator refused the ip within 1 hour",
}


class Refusal(Exception):
    """An answer with an error code, which nothing else happens after."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words or WORDS[code]
