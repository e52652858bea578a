# why: a byte order mark · says: 1:1 the file begins with a byte order mark, which Nix refuses
{ }
