# why: comparisons form no chain · says: 2:7 '<' and '<' cannot stand in one chain
1 < 2 < 3
