#!/usr/bin/env python3
"""Small pictures in many formats and what Pillow makes of them; judge of src/io/picture_test.cpp.

  python tests/golden/make_pictures.py      writes tests/golden/pictures/* and tests/golden/pictures.json

Needs Pillow 13.0.0 and numpy. Expected: FNV-1a 64 of Image.open(file).convert("RGB").tobytes(). All pictures are drawn
here; files that Pillow cannot write (2-bit grey, 16-bit colour, Adam7, odd JPEG samplings) are put together by hand.
"""
import io
import json
import os
import struct
import zlib

import numpy as np
import PIL
from PIL import Image

assert PIL.__version__ == "13.0.0"
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "pictures")


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def drawing(width, height, channels=3, seed=1):
    """Soft waves, a hard-edged box and some noise: uint8 [height, width, channels]."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [127 + 90 * np.sin(x / (3.0 + c) + c) * np.cos(y / (5.0 - c) + seed) for c in range(channels)]
    picture = np.stack(waves, axis=-1)
    picture[height // 4 : height // 2, width // 3 : width // 2] = (250, 10, 60, 128)[:channels]
    noise = np.random.RandomState(seed).randint(-20, 21, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


# --- PNG by hand: color 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA ---


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scanlines(samples, depth):
    height, width, channels = samples.shape
    if width == 0 or height == 0:
        return b""
    out = b""
    for row in samples:
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        elif depth == 8:
            packed = row.astype(np.uint8).tobytes()
        else:
            bits = ((row.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
            packed = np.packbits(bits).tobytes()
        out += b"\0" + packed
    return out


def png(samples, color, depth, interlaced=False, before=(), idat_parts=1):
    height, width, _ = samples.shape
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        raw = b"".join(scanlines(samples[y::dy, x::dx], depth) for y, x, dy, dx in passes)
    else:
        raw = scanlines(samples, depth)
    data = zlib.compress(raw, 9)
    step = -(-len(data) // idat_parts)
    parts = [chunk(b"IDAT", data[i : i + step]) for i in range(0, len(data), step)]
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    extra = [chunk(kind, body) for kind, body in before]
    return b"\x89PNG\r\n\x1a\n" + b"".join([chunk(b"IHDR", header), *extra, *parts, chunk(b"IEND", b"")])


def samples(width, height, channels, depth, seed=1):
    wide = drawing(width, height, channels, seed).astype(np.uint32)
    return wide * 257 + 3 if depth == 16 else wide >> (8 - depth)


def palette_chunk(entries, seed=3):
    return (b"PLTE", np.random.RandomState(seed).randint(0, 256, entries * 3).astype(np.uint8).tobytes())


def png_files():
    for depth in (1, 2, 4, 8, 16):
        for interlaced in (False, True):
            name = f"png_grey{depth}{'_adam7' if interlaced else ''}.png"
            yield name, png(samples(21, 13, 1, depth), 0, depth, interlaced)
    dark = samples(21, 13, 1, 8).astype(np.uint32) * 2  # around 255, where Pillow's clip bends
    yield "png_grey16_dark.png", png(dark, 0, 16)
    yield "png_grey16_trns.png", png(dark, 0, 16, before=[(b"tRNS", struct.pack(">H", 200))])
    for channels, color, word in ((3, 2, "rgb"), (2, 4, "grey_alpha"), (4, 6, "rgba")):
        for depth in (8, 16):
            yield f"png_{word}{depth}.png", png(samples(21, 13, channels, depth), color, depth)
            yield f"png_{word}{depth}_adam7.png", png(samples(9, 11, channels, depth), color, depth, True)
    for depth in (1, 2, 4, 8):
        plte = palette_chunk(2**depth)
        yield f"png_palette{depth}.png", png(samples(21, 13, 1, depth), 3, depth, before=[plte])
        trns = (b"tRNS", bytes(range(0, 2**depth, 2))[: 2**depth])
        yield f"png_palette{depth}_trns.png", png(samples(21, 13, 1, depth), 3, depth, True, before=[plte, trns])
    yield "png_palette_short.png", png(samples(21, 13, 1, 8), 3, 8, before=[palette_chunk(40)])
    for depth in (2, 8):
        trns = (b"tRNS", struct.pack(">H", 2))
        yield f"png_grey{depth}_trns.png", png(samples(21, 13, 1, depth), 0, depth, before=[trns])
    yield "png_rgb8_trns.png", png(samples(9, 9, 3, 8), 2, 8, before=[(b"tRNS", struct.pack(">HHH", 250, 10, 60))])
    extra = [(b"gAMA", struct.pack(">I", 100000)), (b"bKGD", b"\0\1\0\2\0\3"), (b"tEXt", b"Comment\0hello")]
    yield "png_chunks.png", png(samples(33, 5, 3, 8), 2, 8, before=extra, idat_parts=7)
    for width, height in ((1, 1), (1, 40), (40, 1), (2, 2), (5, 3)):
        yield f"png_{width}x{height}.png", png(samples(width, height, 3, 8), 2, 8)
        yield f"png_{width}x{height}_adam7.png", png(samples(width, height, 3, 8), 2, 8, True)
    frames = [Image.fromarray(drawing(16, 10, 3, seed)) for seed in (1, 2, 3)]
    yield "png_animated.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50)


# --- formats that Pillow writes ---


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def segment(data, marker):
    """Start and end of the first JPEG segment with this marker."""
    at = 2
    while data[at + 1] != marker:
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return at, at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]


def resampled(data, width, height, factors):
    """The same blocks under another luma sampling: a valid file, though a scrambled picture."""
    start, _ = segment(data, 0xC0)
    out = bytearray(data)
    out[start + 5 : start + 9] = struct.pack(">HH", height, width)
    out[start + 11] = factors[0] << 4 | factors[1]
    return bytes(out)


def jpeg_files():
    color = Image.fromarray(drawing(53, 37))
    for sampling in ("4:4:4", "4:2:2", "4:2:0"):
        for quality in (25, 90):
            yield f"jpeg_{sampling.replace(':', '')}_q{quality}.jpg", saved(color, "JPEG", quality=quality, subsampling=sampling)
        yield f"jpeg_{sampling.replace(':', '')}_progressive.jpg", saved(
            color, "JPEG", quality=80, subsampling=sampling, progressive=True
        )
    yield "jpeg_411.jpg", resampled(saved(Image.fromarray(drawing(64, 64)), "JPEG", subsampling="4:2:0"), 128, 32, (4, 1))
    yield "jpeg_440.jpg", resampled(saved(Image.fromarray(drawing(64, 64)), "JPEG", subsampling="4:2:2"), 32, 128, (1, 2))
    yield "jpeg_grey.jpg", saved(color.convert("L"), "JPEG", quality=70)
    yield "jpeg_grey_progressive.jpg", saved(color.convert("L"), "JPEG", progressive=True)
    yield "jpeg_rgb.jpg", saved(color, "JPEG", keep_rgb=True, quality=85)
    yield "jpeg_restart.jpg", saved(color, "JPEG", restart_marker_blocks=2)
    yield "jpeg_optimized.jpg", saved(color, "JPEG", optimize=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees: must be left alone
    yield "jpeg_exif_turned.jpg", saved(color, "JPEG", exif=exif)
    for width, height in ((1, 1), (1, 17), (17, 1), (8, 8), (16, 16), (15, 33)):
        yield f"jpeg_{width}x{height}.jpg", saved(Image.fromarray(drawing(width, height)), "JPEG", quality=90)
    cmyk = saved(Image.fromarray(drawing(24, 18, 4), "CMYK"), "JPEG", quality=90)
    yield "jpeg_cmyk.jpg", cmyk
    start, end = segment(cmyk, 0xEE)
    yield "jpeg_cmyk_no_adobe.jpg", cmyk[:start] + cmyk[end:]
    yield "jpeg_ycck.jpg", cmyk[: end - 1] + b"\x02" + cmyk[end:]
    yield "jpeg_stray_bytes.jpg", saved(color, "JPEG")[:-2] + b"\x12\x34\xff\xd9" + b"after the end"


def riff(*chunks):
    body = b"WEBP"
    for kind, data in chunks:
        body += kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def u24(number):
    return struct.pack("<I", number)[:3]


def webp_files():
    color, clear = Image.fromarray(drawing(45, 31)), Image.fromarray(drawing(45, 31, 4), "RGBA")
    yield "webp_lossy.webp", saved(color, "WEBP", quality=60)
    yield "webp_lossless.webp", saved(color, "WEBP", lossless=True)
    yield "webp_lossy_alpha.webp", saved(clear, "WEBP", quality=60)
    yield "webp_lossless_alpha.webp", saved(clear, "WEBP", lossless=True, exact=True)
    yield "webp_1x1.webp", saved(Image.fromarray(drawing(1, 1)), "WEBP", quality=60)
    exif = Image.Exif()
    exif[0x0112] = 3
    yield "webp_exif.webp", saved(color, "WEBP", quality=60, exif=exif)
    frames = [Image.fromarray(drawing(20, 14, 4, seed), "RGBA") for seed in (1, 2, 3)]
    yield "webp_animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    yield "webp_animated_lossy.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=50)
    still = saved(Image.fromarray(drawing(10, 8, 4), "RGBA"), "WEBP", lossless=True)[12:]
    size = struct.unpack("<I", still[4:8])[0]
    # First frame of 10 x 8 at (6, 4) on a canvas of 30 x 20 with a white background colour.
    frame = u24(3) + u24(2) + u24(9) + u24(7) + u24(100) + b"\0" + still[: 8 + size + size % 2]
    header = struct.pack("<I", 0x12) + u24(29) + u24(19)
    yield "webp_animated_offset.webp", riff((b"VP8X", header), (b"ANIM", b"\xff" * 4 + b"\0\0"), (b"ANMF", frame))


def gif_files():
    many = Image.fromarray(drawing(35, 23)).quantize(200)
    few = Image.fromarray(drawing(35, 23)).quantize(5)
    yield "gif_200.gif", saved(many, "GIF", interlace=0)
    yield "gif_interlaced.gif", saved(many, "GIF", interlace=1)
    yield "gif_5.gif", saved(few, "GIF", interlace=1)
    yield "gif_grey.gif", saved(Image.fromarray(drawing(35, 23, 1)[:, :, 0]), "GIF")
    yield "gif_two.gif", saved(Image.fromarray(drawing(35, 23, 1)[:, :, 0]).convert("1"), "GIF")
    yield "gif_transparent.gif", saved(few, "GIF", transparency=2)
    yield "gif_1x1.gif", saved(Image.fromarray(drawing(1, 1)).quantize(2), "GIF")
    frames = [Image.fromarray(drawing(20, 14, 3, seed)).quantize(30) for seed in (1, 2, 3)]
    yield "gif_animated.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2)
    plain, clear = saved(few, "GIF", interlace=0), saved(few, "GIF", transparency=3, interlace=0)
    for name, data, screen, place in (
        ("gif_frame_inside.gif", plain, (50, 40), (7, 9)),
        ("gif_frame_inside_transparent.gif", clear, (50, 40), (7, 9)),
        ("gif_frame_sticks_out.gif", plain, (30, 40), (7, 9)),
    ):
        at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 35, 23))
        out = bytearray(data)
        out[6:10] = struct.pack("<HH", *screen)
        out[at + 1 : at + 5] = struct.pack("<HH", *place)
        yield name, bytes(out)
    # The palette cut to 4 of 8 colours: some pixels point behind it.
    out = bytearray(plain)
    flags = out[10] & ~7 | 1
    yield "gif_palette_short.gif", bytes(out[:10]) + bytes([flags]) + bytes(out[11:25]) + bytes(out[13 + 24 :])
    # The same without any palette.
    yield "gif_no_palette.gif", bytes(out[:10]) + bytes([out[10] & 0x7F]) + bytes(out[11:13]) + bytes(out[13 + 24 :])
    # The palette moved into the frame.
    at = plain.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 35, 23))
    local = bytearray(plain[at : at + 10])
    local[9] |= 0x80 | plain[10] & 7
    moved = plain[:10] + bytes([plain[10] & 0x7F]) + plain[11:13] + plain[13 + 24 : at] + bytes(local) + plain[13:37] + plain[at + 10 :]
    yield "gif_local_palette.gif", moved


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for name in os.listdir(FOLDER):
        os.remove(os.path.join(FOLDER, name))
    expected = []
    for maker in (png_files, jpeg_files, webp_files, gif_files):
        for name, data in maker():
            with open(os.path.join(FOLDER, name), "wb") as out:
                out.write(data)
            try:
                image = Image.open(io.BytesIO(data)).convert("RGB")
            except Exception as error:  # not kept: Pillow itself does not read it
                raise SystemExit(f"{name}: {error}")
            rgb = image.tobytes()
            head = list(rgb[:12])
            expected.append({"file": name, "width": image.width, "height": image.height, "first_bytes": head, "fnv1a": f"{fnv1a(rgb):016x}"})
    with open(os.path.join(HERE, "pictures.json"), "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(entry) for entry in expected) + "\n]\n")


if __name__ == "__main__":
    main()
