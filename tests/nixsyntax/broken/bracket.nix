# why: brackets closed in the wrong order · says: 2:5 expected an expression, got ']'
[ ( ] )
