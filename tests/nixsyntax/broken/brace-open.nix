# why: an unclosed brace · says: 4:1 expected an attribute or '}' to close the set, got the end of the file
{ a = {
  b = 1; }; 
