# why: an operator in a list · says: 2:5 expected an element or ']' in the list, got '+'
[ a + b ]
