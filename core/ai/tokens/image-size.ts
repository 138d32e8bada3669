import { Buffer } from 'node:buffer'

export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Bytes of the beginning in which formats tell their size; JPEG's may come after much else. */
const HEAD_BYTES = 32_768

/** Width and height of a PNG, GIF, WebP or JPEG in base64; undefined where they cannot be told. */
export function imageSize(base64: string): ImageSize | undefined {
  const head = Buffer.from(base64.slice(0, Math.ceil(HEAD_BYTES / 3) * 4), 'base64')
  if (head.length < 30) return undefined
  if (head.readUInt32BE(0) === 0x89504e47) return sizeOf(head.readUInt32BE(16), head.readUInt32BE(20))
  if (head.toString('latin1', 0, 3) === 'GIF') return sizeOf(head.readUInt16LE(6), head.readUInt16LE(8))
  if (head.toString('latin1', 8, 12) === 'WEBP') return webp(head)
  return head.readUInt16BE(0) === 0xffd8 ? jpeg(head) : undefined
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function webp(head: Buffer): ImageSize | undefined {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return sizeOf(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff)
    case 'VP8L': {
      const bits = head.readUInt32LE(21)
      return sizeOf((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
    }
    case 'VP8X':
      return sizeOf(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1)
    default:
      return undefined
  }
}

/** ITU T.81, B.1.1: segments until a frame header, which is any SOF but DHT (c4), JPG (c8) and DAC (cc). */
function jpeg(head: Buffer): ImageSize | undefined {
  let at = 2
  while (at + 9 < head.length && head[at] === 0xff) {
    const marker = head[at + 1] ?? 0
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return sizeOf(head.readUInt16BE(at + 7), head.readUInt16BE(at + 5))
    }
    at += marker === 0xff ? 1 : 2 + head.readUInt16BE(at + 2)
  }
  return undefined
}

function sizeOf(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined
}
