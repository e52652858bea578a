# SPDX-License-Identifier: MIT
# Sent by `llama-fleet probe --ssh` to a shell on another machine (dash, busybox or bash; it needs sed, and uses readlink,
# od and df where they are). Changes nothing there. What it writes is read by src/fleet/stream.cc:
#   f PATH, l PATH, x PATH, a NAME, e PATH, d PATH    a file, a link, a file in hex, an answer, a name that is there, a
#   file that may not be read
# and below it the content, each line after one blank; "end" at the end. Facts come from the same code as those of a
# captured folder. LLAMA_FLEET_ROOT is for tests.
LC_ALL=C
export LC_ALL
R=${LLAMA_FLEET_ROOT:-}
printf 'llama-fleet stream 1\n'

one() { # files of one line: no process is started for them
  for f do
    [ -f "$f" ] && [ -r "$f" ] || continue
    v=
    { IFS= read -r v <"$f"; } 2>/dev/null || [ -n "$v" ] || continue
    printf 'f %s\n %s\n' "${f#"$R"}" "$v"
  done
}

many() { # files of several lines
  for f do
    [ -f "$f" ] && [ -r "$f" ] || continue
    printf 'f %s\n' "${f#"$R"}"
    sed 's/^/ /' "$f" 2>/dev/null
    printf '\n'
  done
}

wanted() { # FILE EXPRESSION…: only the lines that sed prints
  [ -f "$1" ] || return 0
  if [ ! -r "$1" ]; then
    printf 'd %s\n' "${1#"$R"}"
    return 0
  fi
  printf 'f %s\n' "${1#"$R"}"
  sed -n "$2" "$1" 2>/dev/null
  printf '\n'
}

link() {
  for f do
    [ -L "$f" ] || continue
    v=$(readlink "$f" 2>/dev/null) && printf 'l %s\n %s\n' "${f#"$R"}" "$v"
  done
}

there() {
  for f do [ -e "$f" ] && printf 'e %s\n' "${f#"$R"}"; done
}

[ -n "$R" ] || printf 'f /proc/sys/kernel/arch\n %s\n' "$(uname -m)"
one "$R"/proc/sys/kernel/arch "$R"/proc/sys/kernel/osrelease "$R"/proc/sys/kernel/hostname
many "$R"/proc/cpuinfo "$R"/proc/sysinfo
wanted "$R"/proc/meminfo '/^MemTotal/s/^/ /p'

S=$R/sys/devices/system
there "$S"/node/node[0-9]*
one "$S"/cpu/online "$S"/cpu/present "$S"/cpu/offline "$S"/cpu/possible "$S"/node/online "$S"/node/node*/cpulist \
  "$R"/sys/devices/cpu_core/cpus "$R"/sys/devices/cpu_atom/cpus "$R"/sys/devices/cpu_lowpower/cpus
for c in "$S"/cpu/cpu[0-9]*; do
  one "$c"/topology/core_cpus_list "$c"/topology/thread_siblings_list "$c"/topology/package_cpus_list \
    "$c"/topology/core_siblings_list "$c"/topology/core_id "$c"/topology/physical_package_id \
    "$c"/topology/core_cpus "$c"/topology/thread_siblings "$c"/topology/core_siblings "$c"/topology/package_cpus \
    "$c"/topology/book_siblings_list "$c"/topology/cluster_cpus_list "$c"/cpu_capacity "$c"/online \
    "$c"/l1_dcache_size "$c"/l1_dcache_line_size "$c"/l1_icache_size "$c"/l1_icache_line_size "$c"/l2_cache_size \
    "$c"/l2_cache_line_size "$c"/regs/identification/midr_el1 "$c"/acpi_cppc/highest_perf "$c"/cpufreq/cpuinfo_max_freq
  for i in "$c"/cache/index[0-9]*; do
    one "$i"/level "$i"/type "$i"/size "$i"/ways_of_associativity "$i"/coherency_line_size "$i"/shared_cpu_list \
      "$i"/shared_cpu_map "$i"/number_of_sets "$i"/id
  done
done
one "$S"/cpu/cpu0/cpufreq/scaling_governor "$S"/cpu/cpu0/cpufreq/energy_performance_preference \
  "$R"/sys/firmware/acpi/platform_profile "$R"/sys/class/dmi/id/bios_vendor "$R"/sys/class/dmi/id/sys_vendor \
  "$R"/sys/class/dmi/id/product_name "$R"/sys/hypervisor/type

there "$R"/sys/bus/pci/devices "$R"/sys/bus
for d in "$R"/sys/bus/pci/devices/*; do
  c=
  { IFS= read -r c <"$d"/class; } 2>/dev/null
  case $c in
    0x03* | 0x12*)
      one "$d"/class "$d"/vendor "$d"/device "$d"/subsystem_vendor "$d"/subsystem_device "$d"/revision \
        "$d"/mem_info_vram_total "$d"/mem_info_gtt_total "$d"/mem_info_vram_vendor "$d"/boot_vga \
        "$d"/board_info "$d"/current_compute_partition "$d"/lmem_total_bytes "$d"/tile*/physical_vram_size_bytes \
        "$d"/ip_discovery/die/0/GC/0/major "$d"/ip_discovery/die/0/GC/0/minor "$d"/ip_discovery/die/0/GC/0/revision
      many "$d"/resource
      there "$d"/board_info
      link "$d"/driver "$d"/physfn
      ;;
  esac
done
many "$R"/sys/class/kfd/kfd/topology/nodes/*/properties "$R"/sys/class/kfd/kfd/topology/nodes/*/mem_banks/*/properties
one "$R"/sys/class/kfd/kfd/topology/nodes/*/gpu_id
many "$R"/proc/driver/nvidia/version
for d in "$R"/proc/driver/nvidia/gpus/*; do
  there "$d"
  wanted "$d"/information '/^GPU UUID/d;s/^/ /p'
done
there "$R"/proc/driver/nvidia/capabilities/gpu[0-9]*/mig/*
for m in nvidia amdgpu i915 xe nouveau nova_core radeon; do one "$R/sys/module/$m/version"; done
many "$R"/proc/bus/pci/devices
there "$R"/proc/device-tree/ibm,partition-name
there "$R"/dev/dxg "$R"/dev/kfd "$R"/run/opengl-driver/lib "$R"/dev/nvidiactl "$R"/dev/nvidia0
for d in "$R"/sys/bus/platform/devices/*gpu* "$R"/sys/bus/platform/devices/*gv11b* "$R"/sys/bus/platform/devices/*ga10b*; do
  there "$d"
  link "$d"/driver
done
for f in "$R"/proc/device-tree/compatible "$R"/proc/device-tree/model "$R"/proc/device-tree/hypervisor/compatible; do
  [ -f "$f" ] && command -v od >/dev/null 2>&1 || continue
  printf 'x %s\n' "${f#"$R"}"
  od -An -v -tx1 "$f" 2>/dev/null
  printf '\n'
done

f=$R/etc/os-release
[ -f "$f" ] || f=$R/usr/lib/os-release
wanted "$f" '/^ID=/s/^/ /p;/^VERSION_ID=/s/^/ /p;/^PRETTY_NAME=/s/^/ /p'
N='/^[[:blank:]]*system-features/s/^/ /p;/^[[:blank:]]*extra-system-features/s/^/ /p'
N="$N;/^[[:blank:]]*!\\{0,1\\}include/s/^/ /p"
plain() { # PATH: p = the path without ".", ".." and "//"
  p=
  set -f
  IFS=/
  for w in $1; do
    case $w in
      '' | .) ;;
      ..) p=${p%/*} ;;
      *) p=$p/$w ;;
    esac
  done
  unset IFS
  set +f
}
L='
'
I='s/#.*//;s/^[[:blank:]]*!\{0,1\}include[[:blank:]=]\{1,\}\([!-~]\{1,\}\)[[:blank:]]*$/\1/p'
q=/etc/nix/nix.conf$L
seen=$L
n=0
while [ -n "$q" ] && [ "$n" -lt 64 ]; do # the reader itself follows fewer
  f=${q%%"$L"*}
  q=${q#*"$L"}
  case $f in # what is no settings file of Nix
    /proc/* | /sys/* | /dev/* | /etc/os-release | /etc/hostname | /usr/lib/os-* | /usr/share/* | /run/current-system/* | \
      /run/systemd/* | /cpuid/* | /answers/* | /index* | /notes* | /LLAMA-FLEET*) continue ;;
  esac
  case $seen in *"$L$f$L"*) continue ;; esac
  seen=$seen$f$L
  n=$((n + 1))
  wanted "$R$f" "$N"
  [ -f "$R$f" ] && [ -r "$R$f" ] || continue
  set -f
  for i in $(sed -n "$I" "$R$f" 2>/dev/null); do
    case $i in
      /*) plain "$i" ;;
      *) plain "${f%/*}/$i" ;;
    esac
    [ -z "$p" ] || q=$q$p$L
  done
  set +f
done
one "$R"/run/current-system/nixos-version "$R"/run/systemd/container
link "$R"/run/current-system/sw/bin/nix "$R"/nix/var/nix/profiles/default/bin/nix "$R"/root/.nix-profile/bin/nix \
  "$R"/nix/var/nix/profiles/system
there "$R"/usr/bin/nix "$R"/run/.containerenv "$R"/.dockerenv "$R"/var/run/secrets/kubernetes.io "$R"/dev/lxd/sock

many "$R"/proc/self/cgroup
[ -r "$R"/proc/self/cgroup ] && while IFS=: read -r n c p; do
  [ "$p" != / ] || p=
  for m in '' /unified /cpu /cpuset /memory; do
    q=$p
    while :; do
      g=$R/sys/fs/cgroup$m$q
      one "$g"/cpu.max "$g"/memory.max "$g"/cpuset.cpus.effective "$g"/cpu.cfs_quota_us "$g"/cpu.cfs_period_us \
        "$g"/memory.limit_in_bytes "$g"/cpuset.effective_cpus
      [ -n "$q" ] || break
      q=${q%/*}
    done
  done
done <"$R"/proc/self/cgroup
there "$R"/sys/fs/cgroup/unified

for d in "$R"/sys/devices/system/edac/mc/mc*/dimm* "$R"/sys/devices/system/edac/mc/mc*/rank*; do
  one "$d"/size "$d"/dimm_mem_type "$d"/dimm_location
done
f=$R/sys/firmware/dmi/tables/DMI
if [ -f "$f" ] && [ -r "$f" ] && command -v od >/dev/null 2>&1; then
  printf 'x %s\n' "${f#"$R"}"
  od -An -v -tx1 "$f" 2>/dev/null
  printf '\n'
elif [ -f "$f" ]; then
  printf 'd %s\n' "${f#"$R"}"
fi

for d in "$R"/nix/store "$R"/nix "$R"/; do
  [ -d "$d" ] || continue
  df -Pk "$d" 2>/dev/null | {
    IFS= read -r v
    read -r v v v v n
    case $v in '' | *[!0-9]*) ;; *) printf 'a store\n free %s\n' "$((v * 1024))" ;; esac
  }
  break
done
for f in "$R"/etc/environment "$R"/etc/set-environment "$R"/etc/systemd/system/*llama*.service \
  "$R"/etc/systemd/system/*llama*.service.d/* "$R"/run/systemd/system/*llama*.service \
  "$R"/run/systemd/system/*llama*.service.d/*; do
  [ -f "$f" ] && [ -r "$f" ] || continue
  v=$(sed -n "s/.*HSA_OVERRIDE_GFX_VERSION=[\"']\{0,1\}\([0-9.]\{1,16\}\).*/\1/p;" "$f" 2>/dev/null | sed 1q)
  [ -z "$v" ] || printf 'a overrides\n HSA_OVERRIDE_GFX_VERSION %s %s\n' "$v" "${f#"$R"}"
done
f=${XDG_CONFIG_HOME:-$HOME/.config}/nixpkgs/config.nix
printf 'a unfree\n'
[ -z "${NIXPKGS_ALLOW_UNFREE:-}" ] || printf ' environment %s\n' "$NIXPKGS_ALLOW_UNFREE"
if [ -f "$f" ] && [ -r "$f" ]; then
  printf 'c config.nix\n'
  sed 's/^/ /' "$f" 2>/dev/null
  printf '\n'
fi
printf 'end\n'
