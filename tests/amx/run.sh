#!/usr/bin/env bash
# Runs the tile products (src/kernels/packed_product_amx.cpp) in an emulator, for machines without AMX: tests/amx/run.sh
# Needs scripts/setup.sh --emulator.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bochs=${XDG_CACHE_HOME:-$HOME/.cache}/r1v/bochs
[ -e "$bochs/complete" ] || { echo "run.sh: the emulator is not in $bochs; run scripts/setup.sh --emulator" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The loops as the build compiles them (cmake/room.cmake), and a program without a system around them.
flags=(-std=c++20 -O2 "-I$root/src" -fno-exceptions -fno-rtti -fno-pic -fno-stack-protector -fno-threadsafe-statics -mno-red-zone
  -fcf-protection=none -fno-tree-loop-distribute-patterns -Wno-psabi)
avx512=(-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mfma -mf16c)
mkdir -p "$work/disc/isolinux" && cd "$work"
g++ "${flags[@]}" "${avx512[@]}" -c "$root/src/kernels/packed_product_avx512.cpp" -o avx512.o
g++ "${flags[@]}" "${avx512[@]}" -mavx512bf16 -mamx-tile -mamx-int8 -mamx-bf16 -c "$root/src/kernels/packed_product_amx.cpp" -o amx.o
g++ "${flags[@]}" -c "$root/tests/amx/main.cpp" -o main.o
gcc -c "$root/tests/amx/start.S" -o start.o
ld -static -nostdlib -Ttext=0x200000 -z noexecstack -z max-page-size=4096 -o disc/tiles start.o main.o avx512.o amx.o

modules=/usr/lib/syslinux/modules/bios
cp /usr/lib/ISOLINUX/isolinux.bin $modules/{ldlinux,libcom32,mboot}.c32 disc/isolinux/
printf 'DEFAULT tiles\nPROMPT 0\nLABEL tiles\n KERNEL mboot.c32\n APPEND /tiles\n' > disc/isolinux/isolinux.cfg
xorriso -as mkisofs -quiet -o tiles.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
  -boot-info-table disc 2> /dev/null
cat > bochsrc <<END
cpu: model=sapphire_rapids, count=1, ips=200000000, reset_on_triple_fault=0
megs: 256
romimage: file=$bochs/bios/bios.bin-1.13.0
vgaromimage: file=$bochs/bios/vgabios-cirrus.bin-1.13.0
ata0-master: type=cdrom, path=$work/tiles.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial.txt
display_library: nogui
log: $work/bochs.txt
panic: action=fatal
END
# Being turned off is a failure to Bochs: what counts is what came through the serial port.
timeout 900 "$bochs/bochs" -q -f bochsrc > /dev/null 2>&1 || true
[ -e serial.txt ] && sed -n '/^tiles: begin/,$p' serial.txt
if ! grep -q ' 0 failures, passed$' serial.txt; then
  echo "run.sh: failed; the emulator's last words:" >&2
  tail -5 bochs.txt >&2
  exit 1
fi
