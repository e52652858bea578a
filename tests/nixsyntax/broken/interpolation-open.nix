# why: an interpolation that is never closed · says: 2:13 expected '}' to close '${', got ';'
{ a = "${ b ; }"; }
