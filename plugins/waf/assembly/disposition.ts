import { lowerAscii } from '@sluice/plugin-sdk/assembly'
import { parametersOf } from './parameters'

const HEADER = 'content-disposition'

/** What the head of a part says that it is (RFC 7578 section 4.2). */
@final
export class Disposition {
  /** Names of the field: one, in an honest form. */
  readonly names: string[] = []
  /** Names of the file, by every reading. */
  readonly files: string[] = []
  /** Everyone who reads it takes it for a file. Some know no `filename*`, and an empty name is none. */
  isFile: bool = false

  /** The name of the field; "" when that cannot be told. */
  get name(): string {
    return this.names.length == 1 ? this.names[0] : ''
  }
}

export function dispositionOf(head: string): Disposition {
  const found = new Disposition()
  const parameters = parametersOf(headerIn(head))
  let extended = ''
  let named = false
  let nameless = false
  for (let i = 0; i < parameters.names.length; i++) {
    const name = parameters.names[i]
    const value = parameters.values[i]
    if (name == 'name') {
      found.names.push(value)
    } else if (name == 'filename') {
      found.files.push(value)
      if (value == '') nameless = true
      else named = true
    } else if (name.startsWith('filename*')) {
      extended += value // it may come in pieces (RFC 2231 section 3)
    }
  }
  if (extended != '') found.files.push(extended)
  found.isFile = named && !nameless && found.names.length <= 1 && parameters.isPlain && isSimple
  return found
}

/** Whether the header that was read last came once, in one line. */
let isSimple = false

/** The value of Content-Disposition in a head; of several all, as if they were one. */
function headerIn(head: string): string {
  const lines = head.split('\n')
  let value = ''
  let count = 0
  let inside = false
  isSimple = true
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (inside) value += line
      isSimple = false
      continue
    }
    const colon = line.indexOf(':')
    inside = colon >= HEADER.length && lowerAscii(line.substring(0, colon).trimEnd()) == HEADER
    if (!inside) continue
    if (++count > 1) isSimple = false
    value += (count > 1 ? ';' : '') + line.substring(colon + 1).trim()
  }
  return value
}
