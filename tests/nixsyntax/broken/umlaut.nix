# why: only ASCII outside of strings · says: 2:3 byte 0xc3 stands where code is expected
{ ä = 1; }
