"""What lacked, in the officer's language.

Takes a line of a verdict's `degraded`, gives it in another language. The house speaks English to itself; what a part of
it reports after a colon stays as it was reported, for whoever mends it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from appliance.scan import Language


class Known(NamedTuple):
    """One thing that can lack; {} stands for what differs."""

    en: str
    ms: str
    vi: str


KNOWN = (
    Known("engine unavailable", "enjin tidak tersedia", "bộ phân tích không hoạt động"),
    Known("engine late", "enjin lewat", "bộ phân tích trả lời muộn"),
    Known("its picture was not ready in time", "gambarnya tidak siap pada masanya", "ảnh không sẵn sàng kịp thời"),
    Known("engine could not judge: {}", "enjin tidak dapat menilai: {}", "bộ phân tích không đánh giá được: {}"),
    Known("engine not examined: {}", "enjin belum lulus ujian: {}", "bộ phân tích chưa qua kiểm tra: {}"),
    Known("engine looked at other pictures", "enjin melihat gambar lain", "bộ phân tích đã xem ảnh khác"),
    Known("engine gives made-up answers", "enjin memberi jawapan rekaan", "bộ phân tích đưa ra câu trả lời giả"),
    Known(
        "release {} knows simulated scans only",
        "keluaran {} hanya mengenali imbasan simulasi",
        "bản phát hành {} chỉ biết ảnh quét mô phỏng",
    ),
    Known(
        "answered by release {}, while {} is in force",
        "dijawab oleh keluaran {}, sedangkan {} yang berkuat kuasa",
        "bản phát hành {} đã trả lời, trong khi {} đang có hiệu lực",
    ),
    Known("detector absent", "pengesan tiada", "thiếu bộ phát hiện"),
    Known("detector absent: {}", "pengesan tiada: {}", "thiếu bộ phát hiện: {}"),
    Known("detector failed: {}", "pengesan gagal: {}", "bộ phát hiện bị lỗi: {}"),
    Known("detector late: {}", "pengesan lewat: {}", "bộ phát hiện trả lời muộn: {}"),
    Known("detector spoke twice", "pengesan menjawab dua kali", "bộ phát hiện trả lời hai lần"),
    Known("vlm absent", "model bahasa tiada", "thiếu mô hình ngôn ngữ"),
    Known("vlm absent: {}", "model bahasa tiada: {}", "thiếu mô hình ngôn ngữ: {}"),
    Known("vlm failed: {}", "model bahasa gagal: {}", "mô hình ngôn ngữ bị lỗi: {}"),
    Known("vlm late: {}", "model bahasa lewat: {}", "mô hình ngôn ngữ trả lời muộn: {}"),
    Known("vlm spoke twice", "model bahasa menjawab dua kali", "mô hình ngôn ngữ trả lời hai lần"),
    Known("picture unreadable: {}", "gambar tidak dapat dibaca: {}", "không đọc được ảnh: {}"),
    Known("view missing: {}", "sudut imbasan tiada: {}", "thiếu góc chụp: {}"),
    Known(
        "superseded: something newer came in its place",
        "digantikan: ada imbasan yang lebih baharu",
        "đã bị thay thế: có bản mới hơn",
    ),
    Known(
        "declaration unreadable: nobody here reads line {}",
        "perisytiharan tidak dapat dibaca: tiada siapa di sini memahami baris {}",
        "không đọc được tờ khai: ở đây không ai đọc được dòng {}",
    ),
    Known("declaration unreadable: {}", "perisytiharan tidak dapat dibaca: {}", "không đọc được tờ khai: {}"),
    Known("disk nearly full", "cakera hampir penuh", "ổ đĩa gần đầy"),
    Known("rule {} could not be judged: {}", "peraturan {} tidak dapat dinilai: {}", "không xét được quy tắc {}: {}"),
    Known(
        "rule {} cannot say what it is about: {}",
        "peraturan {} tidak dapat menyatakan perkaranya: {}",
        "quy tắc {} không nói được là về vật gì: {}",
    ),
    Known("no rulebook is in force", "tiada buku peraturan berkuat kuasa", "không có bộ quy tắc nào có hiệu lực"),
    Known("rulebook {} ended on {}", "buku peraturan {} tamat pada {}", "bộ quy tắc {} hết hạn ngày {}"),
    Known(
        "rulebook {} cannot be used: {}",
        "buku peraturan {} tidak dapat digunakan: {}",
        "không dùng được bộ quy tắc {}: {}",
    ),
    Known(
        "rulebook {} does not fit the release: {}",
        "buku peraturan {} tidak sepadan dengan keluaran: {}",
        "bộ quy tắc {} không khớp với bản phát hành: {}",
    ),
    Known(
        "the rulebook is of {}, and the release in force of {}",
        "buku peraturan untuk {}, dan keluaran yang berkuat kuasa untuk {}",
        "bộ quy tắc dành cho {}, còn bản phát hành đang có hiệu lực dành cho {}",
    ),
    Known(
        "declared beyond all counting: line {}",
        "diisytiharkan melebihi segala kiraan: baris {}",
        "khai báo nhiều quá mức đếm được: dòng {}",
    ),
    Known("context {} is not a {} value", "konteks {} bukan nilai {}", "ngữ cảnh {} không phải giá trị {}"),
)


def told(lack: str, language: Language) -> str:
    """A line of `degraded` in a language; as it is where nobody has put it into that language."""
    if language == "en":
        return lack
    for known, pattern in _patterns():
        if found := pattern.fullmatch(lack):
            return getattr(known, language).format(*found.groups())
    return lack


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Known, re.Pattern[str]], ...]:
    return tuple((known, re.compile("(.*?)".join(map(re.escape, known.en.split("{}"))), re.DOTALL)) for known in KNOWN)
