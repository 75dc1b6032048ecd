"""What codes of procedures and their drafts are called in Chinese."""

from collections.abc import Mapping

PROCEDURE_LABELS: Mapping[str, Mapping[str, str]] = {
    "draft_status": {
        "open": "起草中",
        "proposed": "待签署",
        "published": "已发布",
        "discarded": "已作废",
    },
    "draft_tone": {"open": "warn", "proposed": "warn", "published": "good", "discarded": "plain"},
    "stage_difference": {"added": "新增", "removed": "删除", "changed": "修改"},
    "stage_difference_tone": {"added": "good", "removed": "bad", "changed": "warn"},
    "origin": {"seeds": "种子文件", "console": "控制台发布"},
}

DRAFT_ACTIONS: Mapping[str, str] = {
    "procedure_draft:begun": "起草办理流程",
    "procedure_draft:edited": "修改流程草稿",
    "procedure_draft:proposed": "提交流程草稿签署",
    "procedure_draft:sent_back": "退回流程草稿",
    "procedure_draft:published": "签署并发布办理流程",
    "procedure_draft:discarded": "作废流程草稿",
}

# Of a version, and of its stages.
FIELDS: Mapping[str, str] = {
    "name": "名称",
    "total_limit": "总时限",
    "total_day_type": "总时限的单位",
    "total_from": "总时限起算",
    "extended_limit": "经批准可延长至",
    "delegated_limit": "下放后的总时限",
    "rolls": "期满遇休息日顺延",
    "legal": "依据",
    "confidence": "依据可信程度",
    "kind": "环节种类",
    "owner": "承办方",
    "limit": "期限",
    "day_type": "期限的单位",
    "starts_from": "起算",
    "raises": "办结后产生的事件",
    "after": "须先办结的环节",
    "papers": "所需材料",
    "parallel": "与其他环节并行",
    "conceals": "公示不公开困难情况",
    "investigators": "办结前须入户调查的人数",
    "note": "说明和依据",
}
