# why: a string that is never closed · says: 2:7 this string is never closed
{ a = "b; }
