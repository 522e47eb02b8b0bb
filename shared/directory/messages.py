"""Everything that can be wrong in a pack, each with its remedy, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.directory.catalogue_messages import CATALOGUE_MESSAGES
from shared.directory.file_messages import FILE_MESSAGES
from shared.directory.staffing import STAFFING_MESSAGES
from shared.directory.trust_checks import TRUST_MESSAGES
from shared.text import Text

MESSAGES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        # shapes
        "missing": (Text("缺少“{key}”。", "“{key}” is missing."), Text("请补上。", "Add it.")),
        "empty": (
            Text("“{key}”是空的。", "“{key}” is empty."),
            Text("请填写，或删去这一行。", "Fill it in, or remove the line."),
        ),
        "unknown-key": (
            Text("不认识“{key}”。", "“{key}” is not known here."),
            Text(
                "请检查拼写，或删去；含逗号的文字要加引号。",
                "Check its spelling, or remove it; a text with a comma needs quotes.",
            ),
        ),
        "not-a-map": (
            Text("“{key}”应为键和值。", "“{key}” must hold keys and values."),
            Text("请写成“键: 值”。", "Write it as “key: value” lines."),
        ),
        "not-a-list": (
            Text("“{key}”应为列表。", "“{key}” must be a list."),
            Text("请每项以“- ”开头。", "Begin each item with “- ”."),
        ),
        "not-text": (
            Text("“{key}”应为文字。", "“{key}” must be text."),
            Text("请加引号。", "Put it in quotes."),
        ),
        "not-number": (
            Text("“{key}”应为数字。", "“{key}” must be a number."),
            Text("请写成不加引号的数字。", "Write a number without quotes."),
        ),
        "not-boolean": (
            Text("“{key}”应为 true 或 false。", "“{key}” must be true or false."),
            Text("请写 true 或 false，不加引号。", "Write true or false without quotes."),
        ),
        "not-date": (
            Text("“{key}”应为日期。", "“{key}” must be a date."),
            Text("请写成 2026-11-23 的样子。", "Write it like 2026-11-23."),
        ),
        "not-one-of": (
            Text("“{key}”只能是：{value}。", "“{key}” must be one of: {value}."),
            Text("请从中选一个。", "Choose one of these."),
        ),
        "too-large": (
            Text("“{key}”不能大于 {value}。", "“{key}” must be at most {value}."),
            Text("请改小。", "Make it smaller."),
        ),
        "too-small": (
            Text("“{key}”不能小于 {value}。", "“{key}” must be at least {value}."),
            Text("请改大。", "Make it larger."),
        ),
        "bad-id": (
            Text("“{key}”不是合格的标识。", "“{key}” is not a proper id."),
            Text(
                "请用小写字母、数字和连字符，以字母开头，不超过 40 个字符。",
                "Use small letters, digits and hyphens, beginning with a letter, 40 characters at most.",
            ),
        ),
        "bad-letters": (
            Text("字头应为 2 至 3 个大写字母。", "The letters must be 2 or 3 capitals."),
            Text("请写成 MZ 的样子。", "Write them like MZ."),
        ),
        "bad-code": (
            Text("“{value}”不是行政区划代码。", "“{value}” is not a division code."),
            Text("请写 6、9 或 12 位数字（YAML 中加引号）。", "Write 6, 9 or 12 digits (in quotes in YAML)."),
        ),
        "bad-timezone": (
            Text("没有时区“{value}”。", "There is no time zone “{value}”."),
            Text("请写 Asia/Shanghai。", "Write Asia/Shanghai."),
        ),
        # sense
        "duplicate-id": (
            Text("标识“{value}”用了两次。", "The id “{value}” is used twice."),
            Text("请改其中一个。", "Change one of them."),
        ),
        "unknown-agency": (
            Text("agencies.yaml 中没有机构“{value}”。", "There is no agency “{value}” in agencies.yaml."),
            Text(
                "请改正，或先在 agencies.yaml 中添加。",
                "Correct it, or add the agency to agencies.yaml first.",
            ),
        ),
        "unknown-programme": (
            Text("没有项目“{value}”。", "There is no programme “{value}”."),
            Text("请改正，或添加该项目。", "Correct it, or add the programme."),
        ),
        "unknown-field": (
            Text("fields.yaml 中没有字段“{value}”。", "There is no field “{value}” in fields.yaml."),
            Text("请改正，或先在 fields.yaml 中添加。", "Correct it, or add the field to fields.yaml first."),
        ),
        "unknown-kind": (
            Text("data_kinds 中没有“{value}”。", "There is no data kind “{value}”."),
            Text("请从 data_kinds 中选一个。", "Choose one of data_kinds."),
        ),
        "unknown-option": (
            Text("字段“{key}”没有选项“{value}”。", "The field “{key}” has no option “{value}”."),
            Text("请改正，或在 fields.yaml 中添加选项。", "Correct it, or add the option in fields.yaml."),
        ),
        "unknown-law": (
            Text("laws 中没有“{value}”。", "There is no “{value}” under laws."),
            Text("请改正，或在 laws 中添加。", "Correct it, or add it under laws."),
        ),
        "unknown-paper": (
            Text("papers 中没有“{value}”。", "There is no “{value}” under papers."),
            Text("请改正，或在 papers 中添加。", "Correct it, or add it under papers."),
        ),
        "unknown-step": (
            Text("steps 中没有“{value}”。", "There is no “{value}” under steps."),
            Text("请改正，或在 steps 中添加。", "Correct it, or add it under steps."),
        ),
        "unknown-standard": (
            Text(
                "district.yaml 的 standards 中没有“{value}”。",
                "There is no “{value}” under standards in district.yaml.",
            ),
            Text("请改正，或先添加该标准。", "Correct it, or add the standard first."),
        ),
        "unknown-unit": (
            Text("units.csv 中没有“{value}”。", "There is no unit “{value}” in units.csv."),
            Text("请改正代码，或在 units.csv 中添加。", "Correct the code, or add the unit to units.csv."),
        ),
        "cycle": (
            Text(
                "这些项目互相依赖：{value}。", "These programmes depend on one another in a circle: {value}."
            ),
            Text("请去掉其中一个 requires。", "Remove one of the requires."),
        ),
        "self-exclusion": (
            Text("项目不能排斥自己。", "A programme cannot exclude itself."),
            Text("请从 excludes 中删去“{value}”。", "Remove “{value}” from excludes."),
        ),
        "check-form": (
            Text("判断条件应写 value，或写 standard。", "A check needs either value or standard."),
            Text("请二者取一。", "Give one of the two."),
        ),
        "check-value": (
            Text(
                "“{value}”与字段“{key}”的类型不符。", "“{value}” does not fit the type of the field “{key}”."
            ),
            Text(
                "请写与字段类型一致的值和比较方式。",
                "Give a comparison and a value that fit the field's type.",
            ),
        ),
        "criterion-form": (
            Text("条件应写 any_of，或直接写 field 和 op。", "A criterion needs any_of, or field and op."),
            Text("请二者取一。", "Give one of the two."),
        ),
        "bounds-form": (
            Text("“{key}”不适用于这种类型。", "“{key}” is not for this type."),
            Text(
                "number 可写 whole、least、most，date 可写 until_today，其他类型不写 bounds。",
                "A number takes whole, least and most, a date until_today; no other type has bounds.",
            ),
        ),
        "options-form": (
            Text(
                "选项字段（option、options）要有 options，其他字段不能有。",
                "Fields of type option and options have options; others have none.",
            ),
            Text("请补上或删去 options。", "Add or remove options."),
        ),
        "clinical-agency": (
            Text(
                "健康类保密项目只能属于机构“{value}”。",
                "A clinical programme can only belong to the agency “{value}”.",
            ),
            Text("请改 agency，或改 disclosure。", "Change agency, or disclosure."),
        ),
        "own-key": (
            Text(
                "keys 为 own 时必须给出 public_jwk，否则不能给出。",
                "With keys: own there must be a public_jwk, otherwise none.",
            ),
            Text(
                "请补上机构的公钥，或改为 keys: platform。",
                "Add the agency's public key, or write keys: platform.",
            ),
        ),
        "private-key": (
            Text("public_jwk 里有私钥。", "public_jwk holds a private key."),
            Text(
                "请立即作废这把密钥，只写公钥。", "Retire that key at once, and write the public part only."
            ),
        ),
        "not-offered": (
            Text(
                "不提供的项目必须写 instead，说明该怎么办。",
                "A programme that is not offered needs instead, which says what to do.",
            ),
            Text("请补上 instead。", "Add instead."),
        ),
        "extended": (
            Text("extended_total 不能小于 total。", "extended_total cannot be less than total."),
            Text("请改大，或删去。", "Make it larger, or remove it."),
        ),
        "post-place": (
            Text("岗位“{key}”需要：{value}。", "The post “{key}” needs: {value}."),
            Text("请按此填写 agency 或 unit。", "Give agency or unit accordingly."),
        ),
        "no-counter": (
            Text("单位“{key}”在“{value}”没有街道窗口。", "{key} has no counter at {value}."),
            Text(
                "请在 agencies.yaml 的 desks 中登记，或删去 unit。",
                "List it under desks in agencies.yaml, or leave the unit out.",
            ),
        ),
        "demo-password": (
            Text(
                "只有演示配置可以写 demo_password，且不少于 14 个字符。",
                "Only a demo pack has a demo_password, of 14 characters or more.",
            ),
            Text(
                "请删去或加长；正式账号用 carehut staff password 设置口令。",
                "Remove or lengthen it; real accounts get theirs from carehut staff password.",
            ),
        ),
        "district-row": (
            Text(
                "应有且只有一行 level 为 district，代码为 {value}。",
                "Exactly one row must have the level district, with the code {value}.",
            ),
            Text(
                "请核对 district.yaml 的 code 与 units.csv。", "Compare code in district.yaml with units.csv."
            ),
        ),
        "parent": (
            Text("“{value}”不是这一级的上级。", "“{value}” is not a parent for this level."),
            Text(
                "街道的上级是区，社区的上级是街道，且须在 units.csv 中。",
                "A street belongs to the district and a community to a street, each a row of units.csv.",
            ),
        ),
        "escalation-order": (
            Text(
                "第 {value} 天写在更晚的日子之后，或写了两次。",
                "Day {value} comes after a later one, or twice.",
            ),
            Text("请按日期先后各写一行。", "Give each day one line, in order."),
        ),
        "circular-alone": (
            Text(
                "第 {value} 天的通报（circular）没有督办通知，或没有写明抄送谁。",
                "The circular of day {value} has no notice beside it, or goes to nobody.",
            ),
            Text(
                "请在同一行的 do 中写上一种督办通知，并在 copy_to 中写明抄送对象。",
                "In the same line give a notice under do, and name who gets it under copy_to.",
            ),
        ),
        "duplicate-day": (
            Text("{value} 写了两次。", "{value} is marked twice."),
            Text("同一来源每天只留一行。", "Keep one row per day and layer."),
        ),
        "forbidden-word": (
            Text(
                "这里不能出现“{value}”：机构或外人会看到。",
                "“{value}” may not appear here: agencies or strangers would see it.",
            ),
            Text("请改用中性的说法。", "Use neutral words."),
        ),
        "placeholder-missing": (
            Text("告知书里缺少 {value}。", "The consent text lacks {value}."),
            Text("请补上，法律要求告知这一项。", "Add it; the law asks for it to be told."),
        ),
        "placeholder-unknown": (
            Text("没有 {value} 这个占位符。", "There is no place called {value}."),
            Text("请检查拼写；花括号只能用于占位符。", "Check its spelling; braces are for places only."),
        ),
        "text-missing": (
            Text("缺少文本“{value}”。", "The text “{value}” is missing."),
            Text("请在 texts/notices.yaml 中补上。", "Add it to texts/notices.yaml."),
        ),
        "outward-id": (
            Text("“{value}”是保留的标识。", "“{value}” is a reserved id."),
            Text("请换一个标识。", "Choose another id."),
        ),
        **CATALOGUE_MESSAGES,
        **FILE_MESSAGES,
        **STAFFING_MESSAGES,
        **TRUST_MESSAGES,
    }
)
