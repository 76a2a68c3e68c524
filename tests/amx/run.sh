#!/usr/bin/env bash
# Runs the tile products (src/kernels/packed_product_amx.cpp) in an emulator, for machines without AMX:
#
#   tests/amx/run.sh [WORK]     WORK: where Bochs 3.0 is built the first time, about five minutes; default ~/.cache/r1v/bochs
#
# Needs curl, xz, a C++ compiler, and Debian's isolinux, syslinux-common and xorriso.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/r1v/bochs}
source=http://deb.debian.org/debian/pool/main/b/bochs/bochs_3.0+dfsg.orig.tar.xz
for tool in curl xz xorriso; do command -v $tool > /dev/null || { echo "run.sh: $tool is missing" >&2; exit 2; }; done
mkdir -p "$work" && work=$(cd "$work" && pwd)

if [ ! -x "$work/bochs-3.0/bochs" ]; then
  curl -fsSL -o "$work/bochs.tar.xz" "$source"
  tar -xf "$work/bochs.tar.xz" -C "$work"
  # Bochs 3.0 forgets to extend the signed bytes of TDPBSUD (Intel's manual: sign_extend_32bits of the first operand).
  sed -i '/DPBDSU(Bit32u x/,/^}/s/Bit8u xbyte\[4\] = {.*/Bit8s xbyte[4] = { Bit8s(x), Bit8s(x >> 8), Bit8s(x >> 16), Bit8s(x >> 24) };/' \
    "$work/bochs-3.0/cpu/avx/amx.cc"
  (cd "$work/bochs-3.0" && ./configure --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex --enable-amx \
    --enable-all-optimizations --with-nogui > configure.txt 2>&1 && make -j"$(nproc)" > make.txt 2>&1) ||
    { echo "run.sh: Bochs could not be built; see $work/bochs-3.0/{configure,make}.txt" >&2; exit 1; }
fi

# The loops as the build compiles them (cmake/room.cmake), and a program without a system around them.
flags=(-std=c++20 -O2 "-I$root/src" -fno-exceptions -fno-rtti -fno-pic -fno-stack-protector -fno-threadsafe-statics -mno-red-zone
  -fcf-protection=none -fno-tree-loop-distribute-patterns -Wno-psabi)
avx512=(-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mfma -mf16c)
rm -rf "$work/disc" && mkdir -p "$work/disc/isolinux" && cd "$work"
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
romimage: file=$work/bochs-3.0/bios/bios.bin-1.13.0
vgaromimage: file=$work/bochs-3.0/bios/vgabios-cirrus.bin-1.13.0
ata0-master: type=cdrom, path=$work/tiles.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial.txt
display_library: nogui
log: $work/bochs.txt
panic: action=fatal
END
rm -f serial.txt
timeout 900 bochs-3.0/bochs -q -f bochsrc > /dev/null 2>&1 || true  # it calls being turned off a failure
sed -n '/^tiles: begin/,$p' serial.txt
grep -q '0 failures, passed$' serial.txt || { echo "run.sh: failed; the emulator's own words: $work/bochs.txt" >&2; exit 1; }
