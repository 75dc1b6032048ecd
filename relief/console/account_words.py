"""What roles and posts are called: tables of `labels.LABELS`."""

WORDS: dict[str, dict[str, str]] = {
    "role": {
        "clerk": "经办人",
        "reviewer": "审核人",
        "approver": "审批人",
        "steward": "数据管理员",
        "auditor": "审计员",
        "finance_clerk": "资金经办",
        "finance_reviewer": "资金复核",
        "appeals_operator": "诉求受理员",
        "supervisor": "督办员",
        "leader": "领导",
        "helper": "帮扶责任人",
        "system_admin": "系统管理员",
        "security_admin": "安全管理员",
        "audit_admin": "审计管理员",
    },
    "post": {
        "operations": "业务岗",
        "oversight": "审计监督岗",
        "system": "系统管理岗",
        "security": "安全管理岗",
        "audit": "审计管理岗",
    },
}
