import { ByteWriter, Json, JsonSchema, Regex, schemaMistake, Settings, utf8Bytes } from '@sluice/plugin-sdk/assembly'

/** What an argument must be like. */
@final
export class Condition {
  private readonly values: Json[]
  private readonly minimum: Json
  private readonly maximum: Json
  private readonly maxLength: i32
  private pattern: Regex | null = null
  private notPattern: Regex | null = null
  private schema: JsonSchema | null = null

  constructor(settings: Settings) {
    this.values = settings.array('in')
    this.minimum = settings.json.get('minimum')
    this.maximum = settings.json.get('maximum')
    this.maxLength = settings.int('maxLength', -1)
    if (settings.has('equals')) this.values.push(settings.json.get('equals'))
  }

  /** Takes in what the host has to compile. Returns "" or what is wrong with it. */
  fill(settings: Settings): string {
    if (settings.has('pattern')) {
      this.pattern = Regex.compile(settings.string('pattern'))
      if (this.pattern === null) return 'pattern is not a regular expression in RE2 syntax'
    }
    if (settings.has('notPattern')) {
      this.notPattern = Regex.compile(settings.string('notPattern'))
      if (this.notPattern === null) return 'notPattern is not a regular expression in RE2 syntax'
    }
    if (settings.has('schema')) {
      this.schema = JsonSchema.compile(settings.object('schema').json.toString())
      if (this.schema === null) return 'schema: ' + schemaMistake
    }
    return ''
  }

  /** Whether it demands nothing. */
  get none(): bool {
    const bounds = this.minimum.exists || this.maximum.exists || this.maxLength >= 0
    return !bounds && this.values.length == 0 && this.pattern === null && this.notPattern === null && this.schema === null
  }

  holds(value: Json): bool {
    if (this.values.length > 0 && !this.isOneOf(value)) return false
    if (this.minimum.exists && !(value.isNumber && value.asNumber() >= this.minimum.asNumber())) return false
    if (this.maximum.exists && !(value.isNumber && value.asNumber() <= this.maximum.asNumber())) return false
    const text = value.isString ? value.asString() : value.toString()
    if (this.maxLength >= 0 && text.length > this.maxLength) return false
    const pattern = this.pattern
    if (pattern !== null && !pattern.test(value.isString ? text : plainText(value))) return false
    const notPattern = this.notPattern
    if (notPattern !== null && isFound(notPattern, value)) return false
    return this.fitsSchema(value)
  }

  private isOneOf(value: Json): bool {
    for (let i = 0; i < this.values.length; i++) if (isSame(value, this.values[i])) return true
    return false
  }

  private fitsSchema(value: Json): bool {
    const schema = this.schema
    if (schema === null) return true
    return schema.check(utf8Bytes(value.toString()), 1).length == 0 && !JsonSchema.wasNoJson
  }
}

/** Whether `pattern` is found in a value, or in a text or key within it: each without its escapes. */
function isFound(pattern: Regex, value: Json): bool {
  if (value.isString) return pattern.test(value.asString())
  return pattern.test(plainText(value)) || isFoundWithin(pattern, value)
}

function isFoundWithin(pattern: Regex, value: Json): bool {
  if (value.isString) return pattern.test(value.asString())
  for (let i = 0; i < value.length; i++) {
    if (value.isObject && pattern.test(value.keyAt(i))) return true
    if (isFoundWithin(pattern, value.at(i))) return true
  }
  return false
}

/** A value as JSON without blanks, and with no escapes but those it cannot do without. */
function plainText(value: Json): string {
  const writer = new ByteWriter()
  writePlain(value, writer)
  return writer.toText()
}

function writePlain(value: Json, writer: ByteWriter): void {
  if (value.isString) {
    writer.text(Json.quote(value.asString()))
    return
  }
  if (!value.isArray && !value.isObject) {
    value.write(writer)
    return
  }
  writer.text(value.isObject ? '{' : '[')
  for (let i = 0; i < value.length; i++) {
    if (i > 0) writer.text(',')
    if (value.isObject) writer.text(Json.quote(value.keyAt(i)) + ':')
    writePlain(value.at(i), writer)
  }
  writer.text(value.isObject ? '}' : ']')
}

/** The order of keys makes no difference, nor does how a number is written. */
function isSame(one: Json, other: Json): bool {
  if (one.isNumber && other.isNumber) return one.asNumber() == other.asNumber()
  if (one.isString && other.isString) return one.asString() == other.asString()
  if (one.isBool && other.isBool) return one.asBool() == other.asBool()
  if (one.isNull && other.isNull) return true
  if (one.kind != other.kind || one.length != other.length) return false
  if (!one.isArray && !one.isObject) return false
  for (let i = 0; i < one.length; i++) {
    if (!isSame(one.at(i), one.isArray ? other.at(i) : other.get(one.keyAt(i)))) return false
  }
  return true
}
