# why: a number of more than 64 bits · says: 2:1 this number does not fit into 64 bits
9223372036854775808
