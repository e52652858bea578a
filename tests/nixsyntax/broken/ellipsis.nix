# why: an argument behind ... · says: 2:6 expected '}' after '...', got ','
{ ..., a }: a
