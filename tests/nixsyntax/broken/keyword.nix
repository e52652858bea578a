# why: a keyword as a name · says: 2:3 expected an attribute or '}' to close the set, got 'if'
{ if = 1; }
