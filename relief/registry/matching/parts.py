"""A piece of a specification's file that knows where it stands, for messages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from relief.core.errors import Invalid


class BadSpecification(Invalid):
    """The file does not keep to the format; `detail` names the place."""

    code = "bad-linkage-specification"
    title = "比对规格文件有误"


class Part:
    """A piece of the file that knows where it stands, for messages."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise BadSpecification(f"{place}：应为键值对")
        self.data: Mapping[str, Any] = data
        self.place = place

    def get(self, key: str, *, default: Any = None) -> Any:
        """Return what stands there, or the default."""
        return self.data.get(key, default)

    def need(self, key: str) -> Any:
        """Return what stands there; nothing is a fault."""
        if self.data.get(key) is None:
            raise BadSpecification(f"{self.place}：缺少 {key}")
        return self.data[key]

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        value = self.get(key, default=default) if default is not None else self.need(key)
        if not isinstance(value, str):
            raise BadSpecification(f"{self.place}：{key} 应为文字")
        return value

    def number(self, key: str) -> float:
        """Return a number."""
        value = self.need(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadSpecification(f"{self.place}：{key} 应为数字")
        return float(value)

    def share(self, key: str) -> float:
        """Return a number from 0 to 1."""
        value = self.number(key)
        if not 0 <= value <= 1:
            raise BadSpecification(f"{self.place}：{key} 应在 0 与 1 之间")
        return value

    def size(self, key: str) -> int:
        """Return a whole number from 1 on."""
        value = self.number(key)
        if value < 1:
            raise BadSpecification(f"{self.place}：{key} 应为正数")
        return int(value)

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.get(key, default=default) if default is not None else self.need(key)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise BadSpecification(f"{self.place}：{key} 应为一列文字")
        return tuple(value)

    def mapping(self, key: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a mapping as it stands."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, dict):
            raise BadSpecification(f"{self.place}：{key} 应为键值对")
        return value

    def part(self, key: str) -> "Part":
        """Return a mapping as a piece of its own."""
        return Part(self.need(key), f"{self.place}：{key}")

    def parts(self, key: str) -> Iterator["Part"]:
        """Return the pieces of a list that is not empty."""
        value = self.need(key)
        if not isinstance(value, list) or not value:
            raise BadSpecification(f"{self.place}：{key} 应为非空的列表")
        for number, one in enumerate(value, start=1):
            yield Part(one, f"{self.place}：{key} 第 {number} 项")
