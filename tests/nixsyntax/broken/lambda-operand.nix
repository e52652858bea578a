# why: a lambda as operand · says: 2:10 expected the end of the file or an operator after the expression, got ':'
[ ] ++ x : x
