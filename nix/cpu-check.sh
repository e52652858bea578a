# SPDX-License-Identifier: MIT
# cpu-check.sh HOST FEATURE...: has every CPU of this machine what the plan of HOST uses? Exit code 0: yes, or it cannot be
# told; 1: no, and llama.cpp would die of an illegal instruction. The features are words of /proc/cpuinfo. POSIX sh,
# without a single program: it runs where PATH may be empty.
cpuinfo=${LLAMA_FLEET_CPUINFO:-/proc/cpuinfo}
host=$1
shift

if ! [ -r "$cpuinfo" ]; then
  echo "llama-fleet: nobody knows whether this CPU fits the plan of $host:" >&2
  echo "  $cpuinfo cannot be read" >&2
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
  echo "llama-fleet: nobody knows whether this CPU fits the plan of $host:" >&2
  echo "  $cpuinfo lists no features" >&2
  exit 0
fi
[ "$lacking" != ' ' ] || exit 0

echo "llama-fleet: THIS CPU CANNOT RUN THE llama.cpp OF $host" >&2
text=''
for feature in $lacking; do # in lines of 80 columns
  if [ $((${#text} + ${#feature})) -gt 64 ]; then
    echo "  it lacks   $text" >&2
    text=''
  fi
  text="$text${text:+ }$feature"
done
echo "  it lacks   $text" >&2
[ -z "$model" ] || echo "  it is      $model" >&2
echo "  why        the plan is of another CPU: a new machine, a virtual machine that" >&2
echo "             was moved, or the plan of another host" >&2
echo "  do         make a plan on this machine, then build again:" >&2
echo "             llama-fleet fit . --here $host --write --git-add" >&2
exit 1
