# SPDX-License-Identifier: MIT
# cpu-check.sh HOST FEATURE...: has every CPU of this machine what the plan of HOST uses? Exit code 0: yes, or it cannot be
# told; 1: no, and llama.cpp would die of an illegal instruction; 2: nothing was asked. The features are words of
# /proc/cpuinfo. POSIX sh, without a single program: it runs where PATH may be empty.
if [ $# -eq 0 ]; then
  printf '%s\n' "usage: cpu-check.sh HOST FEATURE... (features are words of /proc/cpuinfo)" >&2
  exit 2
fi
cpuinfo=${LLAMA_FLEET_CPUINFO:-/proc/cpuinfo}
host=$1
shift

if ! [ -r "$cpuinfo" ]; then
  printf '%s\n' "llama-fleet: nobody knows whether this CPU fits the plan of $host:" >&2
  printf '%s\n' "  $cpuinfo cannot be read" >&2
  exit 0
fi

model='' last='' lacking=' '
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    'model name'*) [ -n "$model" ] || model=${line#*: } ;;
    flags* | Features*)
      [ "$line" != "$last" ] || continue # mostly all CPUs are the same
      last=$line
      for feature; do
        case " ${line#*:} $lacking" in
          *" $feature "*) ;;
          *) lacking="$lacking$feature " ;;
        esac
      done
      ;;
  esac
done < "$cpuinfo"

if [ -z "$last" ]; then
  printf '%s\n' "llama-fleet: nobody knows whether this CPU fits the plan of $host:" >&2
  printf '%s\n' "  $cpuinfo lists no features" >&2
  exit 0
fi
[ "$lacking" != ' ' ] || exit 0

printf '%s\n' "llama-fleet: THIS CPU CANNOT RUN THE llama.cpp OF $host" >&2
text=''
for feature in $lacking; do # in lines of 80 columns
  if [ $((${#text} + ${#feature})) -gt 64 ]; then
    printf '%s\n' "  it lacks   $text" >&2
    text=''
  fi
  text="$text${text:+ }$feature"
done
printf '%s\n' "  it lacks   $text" >&2
[ -z "$model" ] || printf '%s\n' "  it is      $model" >&2
printf '%s\n' "  why        the plan is of another CPU: a new machine, a virtual machine that" >&2
printf '%s\n' "             was moved, or the plan of another host" >&2
printf '%s\n' "  do         make a plan on this machine, then build again:" >&2
printf '%s\n' "             llama-fleet fit . --here $host --write --git-add" >&2
exit 1
