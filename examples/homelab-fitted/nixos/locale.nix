{
  time.timeZone = "Europe/Vienna";
  i18n.defaultLocale = "en_GB.UTF-8";
  console.keyMap = "us";
}
