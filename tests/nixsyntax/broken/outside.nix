# why: code behind the set · says: 3:1 expected the end of the file or an operator after the expression, got ';'
{ a = 1; }
;
