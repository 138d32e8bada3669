import type { AudioPart, FilePart, ImagePart } from '../chat.js'
import type { ImageCounting } from './family.js'
import { type ImageSize, imageSize } from './image-size.js'

/** What an image is taken for whose size cannot be told, as those behind an address. */
const USUAL_IMAGE: ImageSize = { width: 1_024, height: 1_024 }
/** Most base64 that is four characters for three bytes. */
const BYTES_OF_BASE64 = 0.75
/** A page of a document: its text and, with Anthropic and Gemini, its picture. */
const PAGE_TOKENS = 2_000
/** About what a page takes in a PDF. */
const PAGE_BYTES = 50_000
/** Tokens of a second of sound at OpenAI (10) and Gemini (32): the larger. */
const SECOND_TOKENS = 32
const WAV_BYTES = 48_000
const OTHER_SOUND_BYTES = 16_000

/** Tokens of an image, as its provider documents. */
export function imageTokens({ source, detail }: ImagePart, counting: ImageCounting): number {
  const size = (source.kind === 'base64' ? imageSize(source.data) : undefined) ?? USUAL_IMAGE
  switch (counting.kind) {
    case 'tiles':
      return detail === 'low' ? counting.base : counting.base + counting.tile * tiles(size)
    case 'patches':
      return Math.ceil(patches(size) * counting.factor)
    case 'pixels':
      return Math.min(1_600, Math.ceil((size.width * size.height) / 750))
    case 'gemini': {
      const { width, height } = size
      return width <= 384 && height <= 384 ? 258 : 258 * Math.ceil(width / 768) * Math.ceil(height / 768)
    }
  }
}

export function audioTokens({ format, data }: AudioPart): number {
  const bytes = data.length * BYTES_OF_BASE64
  return Math.ceil((bytes / (format === 'wav' || format === 'pcm16' ? WAV_BYTES : OTHER_SOUND_BYTES)) * SECOND_TOKENS)
}

export function fileTokens({ source }: FilePart): number {
  const bytes = source.kind === 'base64' ? source.data.length * BYTES_OF_BASE64 : 0
  return PAGE_TOKENS * Math.max(1, Math.ceil(bytes / PAGE_BYTES))
}

/** Made to fit into 2,048 × 2,048, then its shorter side to 768: how many tiles of 512 × 512 it covers. */
function tiles({ width, height }: ImageSize): number {
  const fit = Math.min(1, 2_048 / Math.max(width, height))
  const shrink = Math.min(1, 768 / (Math.min(width, height) * fit)) * fit
  return Math.ceil((width * shrink) / 512) * Math.ceil((height * shrink) / 512)
}

function patches({ width, height }: ImageSize): number {
  return Math.min(1_536, Math.ceil(width / 32) * Math.ceil(height / 32))
}
