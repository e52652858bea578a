# why: a comment that is never closed · says: 2:9 this comment is never closed by '*/'
{ a = 1 /* ; }
