"""What can be wrong with the files of a pack as files and tables, each with its remedy, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

FILE_MESSAGES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "file-missing": (
            Text("缺少这个文件。", "This file is missing."),
            Text("请按样例补上。", "Add it, following the pack 530103."),
        ),
        "file-not-text": (
            Text("文件不是 UTF-8 文本。", "The file is not UTF-8 text."),
            Text("请另存为 UTF-8 编码（Excel：“CSV UTF-8”）。", "Save it as UTF-8 (in Excel: “CSV UTF-8”)."),
        ),
        "yaml": (
            Text("YAML 无法读取：{value}。", "This YAML cannot be read: {value}."),
            Text(
                "请检查缩进（不能用制表符）、引号和冒号。", "Check indentation (no tabs), quotes and colons."
            ),
        ),
        "duplicate-key": (
            Text("“{value}”写了两次。", "“{value}” is written twice."),
            Text("请只保留一个。", "Keep one of them."),
        ),
        "columns": (
            Text("表头应为：{value}。", "The header must be: {value}."),
            Text(
                "请改正表头：顺序一致，用逗号分隔。", "Correct the header: this order, separated by commas."
            ),
        ),
        "row-length": (
            Text("这一行的列数不对。", "This row has the wrong number of columns."),
            Text("请按表头补齐或删去多余的列。", "Give it one value per column of the header."),
        ),
        "file-unreadable": (
            Text("这个文件打不开：{value}。", "This file cannot be opened: {value}."),
            Text("它应是普通文件，当前用户可读。", "It must be an ordinary file that this user may read."),
        ),
        "control-character": (
            Text("这一行有看不见的控制字符。", "There is an invisible control character on this line."),
            Text("请删去后重新输入这一行。", "Delete the line and type it again."),
        ),
        "yaml-too-deep": (
            Text("YAML 嵌套太深。", "This YAML is nested too deeply."),
            Text("请按样例书写。", "Write it like the pack 530103."),
        ),
        "yaml-tag": (
            Text("不能使用标签“{value}”。", "The tag “{value}” cannot be used."),
            Text("请删去以“!”开头的标签。", "Remove it; a text that begins with “!” needs quotes."),
        ),
        "yaml-alias": (
            Text("不能用“*”引用别处的内容。", "What stands elsewhere cannot be repeated with “*”."),
            Text("请在此处写全。", "Write it out here."),
        ),
        "csv-quote": (
            Text("这一行的引号不成对。", "A quote on this line is never closed."),
            Text("请补上或删去引号；每行须写完一条。", "Close or remove it; each row stands on one line."),
        ),
        "spreadsheet-code": (
            Text(
                "“{value}”已不是代码：被电子表格改成了数字。",
                "“{value}” is no code any more: a spreadsheet has made a number of it.",
            ),
            Text(
                "末几位可能已丢失，请从原表重新复制；在 Excel 中先把该列设为“文本”。",
                "Digits may be lost, so copy it again from the list; in Excel make the column Text first.",
            ),
        ),
        "foreign-code": (
            Text("“{value}”不属于 {key}。", "“{value}” is not of the district {key}."),
            Text("请删去这一行，或改正代码。", "Remove the row, or correct the code."),
        ),
        "level-code": (
            Text("{key} 的代码应为 {value} 位。", "The code of a {key} has {value} digits."),
            Text("请改正代码或 level。", "Correct the code, or the level."),
        ),
        "not-a-year": (
            Text("“{value}”不是年份。", "“{value}” is no year."),
            Text("请写四位年份，例如 2023。", "Write four digits, such as 2023."),
        ),
        "unknown-file": (
            Text("没有名为“{value}”的文件。", "A pack has no file called “{value}”."),
            Text("请检查文件名；不需要的请删去。", "Check the spelling of its name, or remove it."),
        ),
    }
)
