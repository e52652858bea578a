# The big one.
{
  networking.hostName = "carbon";
}
