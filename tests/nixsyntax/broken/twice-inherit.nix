# why: inherited and defined · says: 2:21 attribute 'a' is already defined
a: { inherit a "b"; "a".b = 1; }
