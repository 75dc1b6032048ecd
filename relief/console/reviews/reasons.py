"""Why a steward decided so: one of the usual reasons, or words of one's own."""

CHOICES: tuple[tuple[str, str], ...] = (
    ("papers", "已核对户口簿或身份证"),
    ("department", "已向报送部门核实"),
    ("village", "已向村（社区）核实"),
    ("records", "已比对两边登记信息"),
)
LONGEST = 200


def stated(code: str, remark: str) -> str:
    """Return the reason in words; empty if none was given."""
    usual = dict(CHOICES).get(code, "")
    return "：".join(part for part in (usual, remark) if part)
