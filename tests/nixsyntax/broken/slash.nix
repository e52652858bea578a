# why: a path with a slash at its end · says: 2:11 a path must not end in '/'
[ ./a ./b/ ]
