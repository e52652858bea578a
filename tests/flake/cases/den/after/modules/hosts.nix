{
  den.hosts.x86_64-linux.carbon.users.ada = { };
}
