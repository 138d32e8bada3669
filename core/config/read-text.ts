import { readFileSync, statSync } from 'node:fs'

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ELOOP: 'its symbolic links go round in circles',
  ENAMETOOLONG: 'its name is too long'
}

/** The text of a UTF-8 file, or why there is none, in words for an operator. */
export type Text = { readonly text: string } | { readonly failure: string }

/** Reads a whole file. Never throws. `regular` refuses pipes and devices, which may never end. */
export function readText(file: string, limits: { readonly bytes: number; readonly regular: boolean }): Text {
  try {
    const stat = statSync(file)
    if (stat.isDirectory()) return { failure: 'it is a folder' }
    if (limits.regular && !stat.isFile()) return { failure: 'it is not a regular file' }
    if (stat.size > limits.bytes) return { failure: `it is larger than ${limits.bytes} bytes` }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) }
  } catch (thrown) {
    return { failure: reason(thrown) }
  }
}

function reason(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('code' in thrown)) return 'it cannot be read'
  const code = String(thrown.code)
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8 text'
  return REASONS[code] ?? code
}
