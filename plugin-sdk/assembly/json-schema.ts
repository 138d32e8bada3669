import { answerGrown, answerRoom, answerStart, answerText } from './host-answer'
import { schemaCheck, schemaCompile } from './imports'
import { Json } from './json'
import { utf8Bytes } from './utf8'

/** One thing that is wrong with a value. */
@final
export class SchemaError {
  constructor(
    /** A JSON pointer into the value. */
    readonly pointer: string,
    readonly message: string
  ) {}
}

/** What was wrong with the schema that JsonSchema.compile refused last. */
export let schemaMistake = ''

/**
 * A JSON Schema (draft 2020-12 and before) that the host checks values with. Compile once, in on_configure; 64 at most. References
 * lead to places in the schema itself; patterns are matched in linear time and know no look-around and no back references.
 */
// @ts-ignore: decorator
@final
export class JsonSchema {
  private constructor(private readonly handle: i32) {}

  /** Whether the last value that was checked was no JSON, or too large (4 MiB) or too deep (256 levels). */
  static wasNoJson: bool = false

  /** null when it is none; `schemaMistake` says why. */
  static compile(schema: string): JsonSchema | null {
    const bytes = utf8Bytes(schema)
    const handle = schemaCompile(bytes.dataStart, bytes.length, answerStart(), answerRoom())
    if (handle > 0) return new JsonSchema(handle)
    schemaMistake = answerText(-handle)
    return null
  }

  /** What is wrong with the JSON text `bytes`, `max` of it at most (100). None too when it is no JSON: see `wasNoJson`. */
  check(bytes: Uint8Array, max: i32 = 10): SchemaError[] {
    let size: i32
    do size = schemaCheck(this.handle, bytes.dataStart, bytes.length, answerStart(), answerRoom(), max)
    while (size >= 0 && answerGrown(size))
    JsonSchema.wasNoJson = size < 0
    const errors: SchemaError[] = []
    if (size <= 0) return errors
    const list = Json.parse(answerText(size))
    if (list === null) return errors
    for (let i = 0; i < list.length; i++) {
      const error = list.at(i)
      errors.push(new SchemaError(error.get('pointer').asString(), error.get('message').asString()))
    }
    return errors
  }
}
