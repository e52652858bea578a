{ pkgs, ... }: {
  environment.systemPackages = with pkgs; [ # tools
    git # always
    /* vim */ nano # sorry
    # emacs
    llama-cpp-cuda
  ];
}
