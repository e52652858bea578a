{ hostname, ... }: { networking.hostName = hostname; }
