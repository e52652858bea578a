{pkgs, ...}: {
  users.users.mira = {
    isNormalUser = true;
    extraGroups = ["wheel" "video" "render"];
    shell = pkgs.bashInteractive;
  };
}
