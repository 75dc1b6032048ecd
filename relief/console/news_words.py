"""What the codes of policy articles are called, for the pages only."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "news_status": {
        "draft": "草稿",
        "proposed": "待发布",
        "published": "已发布",
        "withdrawn": "已撤回",
        "discarded": "已作废",
    },
    "news_tone": {
        "draft": "plain",
        "proposed": "warn",
        "published": "good",
        "withdrawn": "bad",
        "discarded": "plain",
    },
    "news_file_kind": {"document": "文件（PDF）", "picture": "图片", "audio": "朗读音频"},
    "news_field": {
        "category": "栏目",
        "title": "标题",
        "summary": "摘要",
        "source": "发布单位（来源）",
        "document_number": "文号",
        "shown_from": "开始展示日",
        "shown_until": "最后展示日",
        "region_codes": "适用地区",
        "aid_categories": "适用类别",
    },
}

ACTIONS: Mapping[str, str] = {
    "news_article:begun": "起草政策资讯",
    "news_article:version_begun": "起草政策资讯的新版本",
    "news_article:edited": "修改政策资讯草稿",
    "news_article:file_added": "政策资讯增加附件",
    "news_article:file_removed": "政策资讯删除附件",
    "news_article:proposed": "政策资讯提交发布",
    "news_article:sent_back": "退回政策资讯",
    "news_article:published": "发布政策资讯",
    "news_article:discarded": "作废政策资讯草稿",
    "news_article:withdrawn": "撤回政策资讯",
}
