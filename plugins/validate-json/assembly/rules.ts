import {
  hasJsonType,
  HeaderView,
  hasWideCharset,
  Json,
  JsonSchema,
  lowerAscii,
  mediaType,
  percentEncode,
  SchemaError,
  schemaMistake,
  Settings
} from '@sluice/plugin-sdk/assembly'
import { duplicateKey } from './duplicates'

/** What came of looking at a body. */
export enum Finding {
  FINE,
  EMPTY,
  OTHER_TYPE,
  NO_JSON,
  INVALID
}

/** What the bodies of one direction must be. */
@final
export class Rules {
  private readonly types: string[] = []
  private schema: JsonSchema | null = null
  private passesEmpty: bool = false
  private passesOthers: bool = false
  private passesDuplicates: bool = false
  private maxErrors: i32 = 10
  status: i32 = 0
  /** Whether the caller is told what is wrong. */
  tells: bool = true
  /** What is wrong with the last body, as the members of a JSON array. */
  errors: string = ''
  /** How many things are wrong with it. */
  count: i32 = 0

  /** Takes the settings of a direction. Returns "" or what is wrong with them. */
  fill(settings: Settings, status: i32, tells: bool): string {
    const schema = JsonSchema.compile(settings.json.get('schema').toString())
    if (schema === null) return 'schema: ' + schemaMistake
    this.schema = schema
    this.status = settings.int('status', status)
    this.tells = settings.bool('showErrors', tells)
    this.maxErrors = settings.int('maxErrors', 10)
    this.passesEmpty = settings.string('emptyBody', 'reject') == 'pass'
    this.passesOthers = settings.string('otherTypes', 'reject') == 'pass'
    this.passesDuplicates = settings.string('duplicateKeys', 'reject') == 'pass'
    const types = settings.strings('contentTypes')
    for (let i = 0; i < types.length; i++) this.types.push(lowerAscii(types[i]))
    return ''
  }

  /** @param mayBeEmpty - whether a message of this kind often has no body */
  look(message: HeaderView, body: Uint8Array, mayBeEmpty: bool): Finding {
    if (body.length == 0) return mayBeEmpty || this.passesEmpty ? Finding.FINE : Finding.EMPTY
    if (!this.hasType(message)) return this.passesOthers ? Finding.FINE : Finding.OTHER_TYPE
    if (hasWideCharset(message)) return Finding.NO_JSON
    const schema = this.schema
    if (schema === null) return Finding.FINE
    const errors = schema.check(body, this.maxErrors)
    if (JsonSchema.wasNoJson) return Finding.NO_JSON
    if (!this.passesDuplicates && errors.length < this.maxErrors) {
      // The schema has seen the last of them; whoever reads the first must not get what nobody has looked at.
      const pointer = duplicateKey(body)
      if (pointer !== null) errors.push(new SchemaError(pointer, 'must not stand there twice'))
    }
    if (errors.length == 0) return Finding.FINE
    this.count = errors.length
    this.errors = ''
    for (let i = 0; i < errors.length; i++) this.errors += (i == 0 ? '' : ',') + errorJson(errors[i].pointer, errors[i].message)
    return Finding.INVALID
  }

  private hasType(message: HeaderView): bool {
    if (this.types.length == 0) return hasJsonType(message)
    const lines = message.headers('content-type')
    for (let i = 0; i < lines.length; i++) if (this.types.includes(mediaType(lines[i]))) return true
    return false
  }
}

/** As RFC 9457 section 3 has it: a pointer is a fragment of a URI. */
function errorJson(pointer: string, message: string): string {
  return '{"pointer":' + Json.quote('#' + percentEncode(pointer, POINTER_CHARS)) + ',"detail":' + Json.quote(message) + '}'
}

/** Besides letters, digits and "-._~": what a fragment may hold as it is (RFC 3986 section 3.5). */
const POINTER_CHARS = "/!$&'()*+,;=:@?"
