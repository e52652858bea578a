inputs: [ ]
