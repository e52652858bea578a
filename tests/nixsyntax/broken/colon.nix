# why: an argument list without : · says: 2:7 expected ':' after the parameters of the function, got '{'
{ a } { b = 1; }
