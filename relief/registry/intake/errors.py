"""What can be wrong with a file or a batch as a whole."""

import enum

from relief.core.errors import Conflict, Invalid, NotFound


class FileFault(enum.StrEnum):
    """Why a whole file is refused."""

    AMBIGUOUS_LAYOUT = "ambiguous_layout"
    BROKEN_WORKBOOK = "broken_workbook"
    CELL_COUNT = "cell_count"
    CHANGED = "changed"
    CELL_TOO_LONG = "cell_too_long"
    DOUBLE_HEADING = "double_heading"
    EMPTY = "empty"
    ENCODING = "encoding"
    NO_LAYOUT = "no_layout"
    NOT_A_TABLE = "not_a_table"
    NO_DATA_DATE = "no_data_date"
    NO_RESULT = "no_result"
    OLD_OR_LOCKED = "old_or_locked"
    OPEN_QUOTE = "open_quote"
    READER_FAILED = "reader_failed"
    ROW_COUNT = "row_count"
    ROW_TOO_LONG = "row_too_long"
    SEVERAL_DATES = "several_dates"
    SEVERAL_SHEETS = "several_sheets"
    TOO_LARGE = "too_large"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_ROWS = "too_many_rows"
    TOOK_TOO_LONG = "took_too_long"
    UNSAFE_XML = "unsafe_xml"
    ZIP_BOMB = "zip_bomb"


class UnreadableFile(Invalid):
    code = "import-unreadable-file"
    title = "文件无法导入"

    def __init__(self, fault: FileFault, message: str) -> None:
        super().__init__(message, fault=fault.value)
        self.fault = fault
        self.message = message


class UnknownScheme(Invalid):
    code = "import-unknown-scheme"
    title = "没有这个救助项目的导入模板"


class UnknownRegion(Invalid):
    code = "import-unknown-region"
    title = "没有这个区划"


class BatchNotFound(NotFound):
    code = "import-batch-not-found"
    title = "没有这个批次"


class BatchNotLive(Conflict):
    code = "import-batch-not-live"
    title = "这个批次没有在库数据，不能撤销"


class BatchNotHeld(Conflict):
    code = "import-batch-not-held"
    title = "这个批次没有在等待确认"


class NothingRejected(Conflict):
    code = "import-nothing-rejected"
    title = "这个批次没有退回的行"
