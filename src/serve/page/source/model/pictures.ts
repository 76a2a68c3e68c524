// Pictures on their way to the server: sent as they are unless the server could not take them or would see them turned.

/// What the server takes.
export const limits = {side: 8192, pixels: 50_000_000, bytes: 20_000_000, pictures: 16} as const;

/// The type that the first bytes tell, of those the server reads; "" = another one.
export function sniffType(bytes: Uint8Array): string {
  const starts = (...expected: number[]) => expected.every((byte, index) => bytes[index] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x47, 0x49, 0x46, 0x38)) return 'image/gif';
  const isRiff = starts(0x52, 0x49, 0x46, 0x46);
  return isRiff && [0x57, 0x45, 0x42, 0x50].every((byte, index) => bytes[8 + index] === byte) ? 'image/webp' : '';
}

/// EXIF orientation of a JPEG, 1..8; 1 = upright or not told. Servers leave it alone, cameras rely on it.
export function jpegOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 1;
  for (let at = 2; at + 10 <= view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const isExif = view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966;
    if (isExif) return tiffOrientation(view, at + 10);
    if (view.getUint16(at) === 0xffda) return 1;
  }
  return 1;
}

function tiffOrientation(view: DataView, tiff: number): number {
  if (tiff + 8 > view.byteLength) return 1;
  const isLittle = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, isLittle);
  if (directory + 2 > view.byteLength) return 1;
  const numEntries = view.getUint16(directory, isLittle);
  for (let index = 0; index < numEntries; ++index) {
    const entry = directory + 2 + 12 * index;
    if (entry + 12 > view.byteLength) return 1;
    if (view.getUint16(entry, isLittle) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/// The size within the limits that is nearest to this one: no side and no area above what is allowed.
export function fittingSize(width: number, height: number): [number, number] {
  const scale = Math.min(1, limits.side / Math.max(width, height), Math.sqrt(limits.pixels / (width * height)));
  return [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
}

/// The picture as it will be sent. throws Error in words for the user.
export async function preparePicture(file: Blob, name: string): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, 256 * 1024).arrayBuffer());
  const type = sniffType(head);
  const bitmap = await createImageBitmap(file, {imageOrientation: 'from-image'}).catch(() => {
    throw new Error(`${name || 'This file'} is no picture that this browser can read.`);
  });
  const [width, height] = fittingSize(bitmap.width, bitmap.height);
  const fits = width === bitmap.width && height === bitmap.height && file.size <= limits.bytes;
  if (type !== '' && fits && (type !== 'image/jpeg' || jpegOrientation(head) === 1)) {
    bitmap.close();
    return file.type === type ? file : new Blob([file], {type});
  }
  return encode(bitmap, width, height, type === 'image/jpeg' ? ['image/jpeg'] : ['image/png', 'image/jpeg'], name);
}

async function encode(
  bitmap: ImageBitmap,
  width: number,
  height: number,
  types: string[],
  name: string,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot resize pictures.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  for (const type of types) {
    for (const quality of type === 'image/png' ? [1] : [0.95, 0.85, 0.7]) {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
      if (blob && blob.size <= limits.bytes) return blob;
    }
  }
  throw new Error(`${name || 'This picture'} is too large for the server.`);
}

export function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('a picture could not be read'));
    reader.readAsDataURL(blob);
  });
}

export function fromDataUrl(url: string): Blob {
  const [head = '', body = ''] = url.split(',', 2);
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], {type: /^data:([\w/+-]+)/.exec(head)?.[1] ?? ''});
}
