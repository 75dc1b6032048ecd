"""What can go wrong with an article."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class ArticleNotFound(NotFound):
    code = "news-article-not-found"
    title = "没有这篇政策资讯"


class BadArticle(Invalid):
    """What was filled in breaks a rule; the detail names it."""

    code = "bad-news-article"
    title = "填写的内容不正确"


class BadFile(Invalid):
    code = "bad-news-file"
    title = "这个文件不能作为附件"


class NoOffice(Forbidden):
    """An article is of one department and one region."""

    code = "news-no-office"
    title = "您的账号没有部门或工作区划，不能起草政策资讯"


class ArticleEditedMeanwhile(Conflict):
    """Somebody else saved first; nothing of the later edit was kept."""

    code = "news-edited-meanwhile"
    title = "别人刚刚改过这篇文章，您的修改没有保存，请看过最新内容后再改"


class VersionExists(Conflict):
    code = "news-version-exists"
    title = "这篇文章已有一份未发布的修改稿，请在原稿上修改，或先作废"


class NoDraft(Conflict):
    code = "news-no-draft"
    title = "这篇文章没有可以修改的草稿：待发布的退回后再改，已发布的先起草新版本"


class NotProposed(Conflict):
    code = "news-not-proposed"
    title = "这篇文章没有等待发布的稿件"


class NotPublished(Conflict):
    code = "news-not-published"
    title = "这篇文章没有在发布中，不需要撤回"


class SecondPersonNeeded(Forbidden):
    code = "news-second-person-needed"
    title = "写过或提交过这份稿件的人不能发布，须由另一人发布"
