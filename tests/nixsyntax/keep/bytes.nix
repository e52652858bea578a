# why: bytes that are no UTF-8 are kept in strings and comments ÿþ
"Ã( €"
